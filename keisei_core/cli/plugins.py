"""`keisei plugins` and `keisei plugins list`: what is installed, what became of it, what it provides."""

from typing import TYPE_CHECKING, Any, Final

import click

from keisei_core import PLUGIN_API, __version__
from keisei_core.cli.completing import kinds
from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.help_page import HelpGroup
from keisei_core.cli.options import CONTEXT, debug_option
from keisei_core.cli.plugin_check import check_plugins
from keisei_core.cli.plugin_files import shows_plugin_files
from keisei_core.cli.plugin_new import new_plugin
from keisei_core.cli.plugin_page import show_plugin
from keisei_core.output import answer

if TYPE_CHECKING:  # `keisei --help` needs none of them
    from keisei_core.plugins import Kind, Plugin, Registry


EXAMPLES: Final = (
    ("keisei plugins list --kind model", "which models there are"),
    ("keisei plugins show resnet", "its options with types, defaults and meaning"),
    ("keisei plugins new foo --kind model", "begin a plugin of one's own"),
)
LIST_EXAMPLES: Final = (
    ("keisei plugins list", "what is installed, and what is broken and why"),
    ("keisei plugins list --kind player --json", "players as JSON"),
)


@click.group(cls=HelpGroup, examples=EXAMPLES, context_settings=CONTEXT, invoke_without_command=True)
@click.pass_context
def plugins(context: click.Context) -> None:
    """Looks at the installed plugins, tries them, or writes a new one."""
    if context.invoked_subcommand is None:
        answer(context.get_help())


for command in (show_plugin, check_plugins, new_plugin):
    plugins.add_command(command)


def _known_kind(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    """Refuses a kind that there is not."""
    from keisei_core.plugins import Kind

    if given is not None and given not in list(Kind):
        raise click.BadParameter(f"{given!r} is not one of {', '.join(Kind)}")
    return given


@shows_plugin_files
@plugins.command("list", cls=CoreCommand, examples=LIST_EXAMPLES, context_settings=CONTEXT)
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@click.option(
    "--kind", callback=_known_kind, shell_complete=kinds, help="Only what provides features, model, precision, ..."
)
@click.option("--verbose", is_flag=True, help="Also where each lives, what each thing is, and tracebacks.")
@debug_option
def list_plugins(is_json: bool, kind: str | None, verbose: bool) -> None:
    """Lists the installed plugins, broken ones with the cause."""
    from keisei_core.plugins import Kind, load_registry

    registry = load_registry()
    wanted = list(Kind) if kind is None else [Kind(kind)]
    # A plugin that failed may be the very one that is looked for.
    shown = [plugin for plugin in registry.plugins if kind is None or plugin.failed or _provides(plugin, wanted)]
    if is_json:
        import json

        answer(json.dumps(_as_data(shown, wanted, registry), indent=2))
    else:
        answer("\n".join(_as_table(shown, wanted, registry, verbose)))


def _provides(plugin: "Plugin", kinds: "list[Kind]") -> bool:
    return any(kind in kinds for kind, _, _ in plugin.provided())


def _as_table(shown: "list[Plugin]", kinds: "list[Kind]", registry: "Registry", verbose: bool) -> list[str]:
    """Writes the table, a line of counts at the end."""
    rows = [("PLUGIN", "VERSION", "API", "STATUS", "PROVIDES")]
    rows += [_row(plugin, kinds, registry) for plugin in shown]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = []
    for row, plugin in zip(rows, [None, *shown], strict=True):
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        lines.append("  ".join([*cells, row[4]]).rstrip())
        if verbose and plugin is not None:
            lines += _details(plugin, kinds)
    return [*lines, _counts(shown)]


def _row(plugin: "Plugin", kinds: "list[Kind]", registry: "Registry") -> tuple[str, str, str, str, str]:
    several = sum(other.owner.distribution == plugin.owner.distribution for other in registry.plugins) > 1
    name = plugin.name if several else plugin.owner.distribution
    provided = []
    for kind in kinds:
        names = [_name(registry, kind, name, plugin) for its_kind, name, _ in plugin.provided() if its_kind is kind]
        provided += [f"{kind}: {', '.join(names)}"] if names else []
    return name, plugin.owner.version, _api(plugin) or "-", str(plugin.status), plugin.cause or "; ".join(provided)


def _name(registry: "Registry", kind: "Kind", name: str, plugin: "Plugin") -> str:
    """Marks a name that another package provides too: this one must be written with its distribution."""
    return name if registry.reference(kind, name, plugin) == name else f"{name} (conflict)"


def _api(plugin: "Plugin") -> str:
    return f"{plugin.api[0]}.{plugin.api[1]}" if plugin.api else ""


def _details(plugin: "Plugin", kinds: "list[Kind]") -> list[str]:
    """Writes what `--verbose` adds for one plugin."""
    editable = " (editable)" if plugin.is_editable else ""
    lines = [f"    {plugin.module}  {plugin.location}{editable}"]
    lines += [f"    {plugin.owner.url}"] if plugin.owner.url else []
    lines += [f"    {kind} {name}: {summary}" for kind, name, summary in plugin.provided() if kind in kinds]
    lines += [f"    warning: {warning}" for warning in plugin.warnings]
    return lines + [f"    {line}" for line in plugin.traceback.splitlines()]


def _counts(shown: "list[Plugin]") -> str:
    """Counts the plugins by status."""
    counts: dict[str, int] = {}
    for plugin in shown:
        counts[plugin.status] = counts.get(plugin.status, 0) + 1
    noun = "plugin" if len(shown) == 1 else "plugins"
    return f"{len(shown)} {noun}: {', '.join(f'{count} {status}' for status, count in counts.items()) or 'none'}"


def _as_data(shown: "list[Plugin]", kinds: "list[Kind]", registry: "Registry") -> dict[str, Any]:
    """Returns the listing as data; `schema` changes when a reader would have to."""
    return {
        "schema": 1,
        "core": {"version": __version__, "api": f"{PLUGIN_API[0]}.{PLUGIN_API[1]}"},
        "plugins": [_plugin_data(plugin, kinds, registry) for plugin in shown],
    }


def _plugin_data(plugin: "Plugin", kinds: "list[Kind]", registry: "Registry") -> dict[str, Any]:
    targets = {(kind, component.name): component.target for kind, component in plugin.components}
    return {
        "name": plugin.owner.distribution,
        "version": plugin.owner.version,
        "url": plugin.owner.url or None,
        "entry": plugin.entry,
        "api": _api(plugin) or None,
        "status": str(plugin.status),
        "error": plugin.cause or None,
        "warnings": list(plugin.warnings),
        "module": plugin.module,
        "location": plugin.location or None,
        "editable": plugin.is_editable,
        "components": [
            {
                "kind": str(kind),
                "name": name,
                "summary": summary,
                "target": targets.get((kind, name)),
                "conflict": registry.reference(kind, name, plugin) != name,
            }
            for kind, name, summary in plugin.provided()
            if kind in kinds
        ],
    }
