"""`keisei plugins show NAME`: one plugin or component with everything a config may say to it."""

from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import click

from keisei_core.cli.completing import known
from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.option_table import option_table
from keisei_core.cli.options import CONTEXT, debug_option
from keisei_core.cli.plugin_files import shows_plugin_files
from keisei_core.cli.plugin_query import Found, find
from keisei_core.output import answer

if TYPE_CHECKING:  # `keisei --help` needs none of them
    from keisei_core.plugins import Choice, Plugin, Registry

USES: Final = {
    "features": '[input] features = "core46+{name}"',
    "model": '[model] name = "{name}"',
    "start": '[selfplay] starts = ["startpos", "{name}"]',
    "decider": '[decider] name = "{name}"',
    "algorithm": '[algorithm] name = "{name}"',
    "optimizer": '[optimizer] name = "{name}"',
    "teacher": '[teaching] teachers = ["{name}"]',
    "precision": '[precision] name = "{name}"',
    "distribution": '[distribution] name = "{name}"',
    "migrator": "keisei migrate",
    "player": '[evaluation] opponent = "{name}"',
    "tracker": '[tracking] trackers = ["jsonl", "{name}"]',
    "callback": '[run] callbacks = ["{name}"]',
    "command": "keisei {name}",
}
"""How a config chooses a component, by kind."""
COLUMNS: Final = {
    "decider": "gives the columns",
    "algorithm": "asks for the columns",
    "teacher": "asks for the columns",
}
"""What is said before the columns of a component, of the kinds that have some."""

EXAMPLES: Final = (
    ("keisei plugins show resnet", "a model with its options"),
    ("keisei plugins show keisei-plugins-features", "all that a package brings"),
)


@shows_plugin_files
@click.command("show", cls=CoreCommand, examples=EXAMPLES, context_settings=CONTEXT)
@click.argument("name", shell_complete=known)
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@debug_option
def show_plugin(name: str, is_json: bool) -> None:
    """Shows a plugin or component: where it comes from, how a config chooses it, its options with types and defaults.

    NAME is a distribution, an entry point, a component, or distribution:component.
    """
    from keisei_core.plugins import load_registry

    registry = load_registry()
    pages = [_data(found, registry) for found in find(registry, name)]
    if is_json:
        import json

        answer(json.dumps({"schema": 1, "plugins": pages}, indent=2))
    else:
        answer("\n\n".join("\n".join(_lines(page)) for page in pages))


def _data(found: Found, registry: "Registry") -> dict[str, Any]:
    """Returns a plugin's page as data."""
    plugin = found.plugin
    return {
        "name": plugin.owner.distribution,
        "version": plugin.owner.version,
        "entry": plugin.entry,
        "api": f"{plugin.api[0]}.{plugin.api[1]}" if plugin.api else None,
        "status": str(plugin.status),
        "error": plugin.cause or None,
        "warnings": list(plugin.warnings),
        "traceback": plugin.traceback or None,
        "url": plugin.owner.url or None,
        "module": plugin.module,
        "location": plugin.location or None,
        "editable": plugin.is_editable,
        "bundles": _bundles(plugin),
        "components": [
            _component(choice, registry.reference(choice.kind, choice.name, plugin)) for choice in found.choices
        ],
    }


def _bundles(plugin: "Plugin") -> list[dict[str, Any]]:
    return [{"name": bundle.name, "summary": bundle.summary, "parts": list(bundle.parts)} for bundle in plugin.bundles]


def _component(choice: "Choice", reference: str) -> dict[str, Any]:
    """Returns a component as data; `reference` is what must be written for it."""
    kind, name = str(choice.kind), choice.name
    options, problem = _options(choice)
    return {
        "kind": kind,
        "name": name,
        "summary": choice.component.summary,
        "target": choice.component.target,
        "use": USES.get(kind, "").format(name=reference) or None,
        "conflict": reference != name,
        "columns": _columns(choice),
        "options_class": choice.component.options,
        "options_table": option_table(kind, reference) or None if options else None,
        "options": options,
        "error": problem,
    }


def _columns(choice: "Choice") -> list[str]:
    """Returns what a component asks for of each ply, or gives; its code is loaded for that, which few kinds need."""
    from keisei_core.errors import PluginError

    if str(choice.kind) not in COLUMNS:
        return []
    try:
        columns = getattr(choice.load(), "columns", ())
    except PluginError:  # `keisei plugins check` tells of it
        return []
    return [str(column) for column in columns] if isinstance(columns, tuple) else []


def _options(choice: "Choice") -> tuple[list[dict[str, Any]], str | None]:
    """Returns a component's options, and why they can't be told."""
    from keisei_core.errors import PluginError

    try:
        cls = choice.load_options_class()
        return ([] if cls is None else _fields(cls)), None
    except (PluginError, NameError, TypeError) as error:
        return [], str(error)


def _fields(cls: type[Any]) -> list[dict[str, Any]]:
    import attrs

    from keisei_core.config.types import type_words

    return [
        {
            "name": field.name,
            "type": type_words(field.type),
            "default": _default(field),
            "help": field.metadata.get("help", ""),
        }
        for field in attrs.fields(attrs.resolve_types(cls))
        if field.init
    ]


def _default(field: Any) -> Any:
    """Returns the default as JSON has it; None where there is none."""
    import attrs

    default = field.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # a class, though typed as a function
        default = default.factory() if not default.takes_self else None
    if isinstance(default, Enum):
        return default.value
    return None if default is attrs.NOTHING else list(default) if isinstance(default, tuple) else default


def _lines(page: dict[str, Any]) -> list[str]:
    """Writes a plugin's page as text."""
    api = f", plugin API {page['api']}" if page["api"] else ""
    lines = [f"{page['name']} {page['version']}: {page['status']}{api}"]
    lines += [f"  {page['error']}"] if page["error"] else []
    lines += [f"  {page['module']}  {page['location'] or ''}{' (editable)' if page['editable'] else ''}".rstrip()]
    lines += [f"  {page['url']}"] if page["url"] else []
    lines += [f"  warning: {warning}" for warning in page["warnings"]]
    for bundle in page["bundles"]:
        lines += ["", f"  features {bundle['name']} = {'+'.join(bundle['parts'])}: {bundle['summary']}"]
    for component in page["components"]:
        lines += ["", *(f"  {line}".rstrip() for line in _component_lines(component))]
    lines += [f"  {line}" for line in (page["traceback"] or "").splitlines()]
    return lines


def _component_lines(component: dict[str, Any]) -> list[str]:
    lines = [f"{component['kind']} {component['name']}: {component['summary']}"]
    lines += [f"  {component['use']}"] if component["use"] else []
    lines += [f"  {component['target']}"]
    columns = ", ".join(component["columns"])
    lines += [f"  {COLUMNS[component['kind']]} {columns}"] if columns else []
    lines += [f"  options can't be read: {component['error']}"] if component["error"] else []
    options = component["options"]
    table = component["options_table"]
    where = f"in [{table}]" if table else f"behind its name, {component['name']}:key=value"
    lines += [f"  options {where}, {component['options_class']}:"] if options else []
    written = [_written(option) for option in options]
    widths = [max((len(row[column]) for row in written), default=0) for column in (0, 1)]
    lines += [f"    {key.ljust(widths[0])}  {kind.ljust(widths[1])}  {text}" for key, kind, text in written]
    return lines


def _written(option: dict[str, Any]) -> tuple[str, str, str]:
    """Returns `name = default`, the type, and the meaning."""
    from keisei_core.config.wording import as_toml

    default = option["default"]
    if default is None:
        return option["name"], option["type"], option["help"]
    text = f'"{default}"' if isinstance(default, str) else as_toml(default)
    return f"{option['name']} = {text}", option["type"], option["help"]
