"""Every key that a config may have: the core's, and those of the options of all components."""

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import attrs

from keisei_core.cli.option_table import option_table
from keisei_core.config.checks import bounds_of
from keisei_core.config.tables import CORE_TABLES, DEFAULT_NAMES
from keisei_core.config.types import type_words
from keisei_core.errors import PluginError

if TYPE_CHECKING:  # help needs none of them
    from keisei_core.plugins import Choice, Registry

NAME: Final = "name"
"""The key that chooses a component, in a table of a kind."""
SWITCH: Final = ("true", "false")


@attrs.frozen(kw_only=True)
class Key:
    """A key of a config."""

    table: str
    """Without brackets: `run`, `teaching.tactics`."""
    name: str
    default: Any = None
    """As Python has it; None where there is none."""
    meaning: str = ""
    type: str = ""
    """In words."""
    choices: tuple[str, ...] = ()
    """What it may be, where that is one of a few words."""

    @property
    def path(self) -> str:
        """What `--set` calls it."""
        return f"{self.table}.{self.name}"


def core_keys() -> Iterator[Key]:
    """Yields the keys of the core's tables."""
    for table, cls in CORE_TABLES.items():
        yield from keys_of(cls, table)


def component_keys(choice: "Choice", reference: str) -> Iterator[Key]:
    """Yields the keys of a component's options; none where they can't be read or stand behind its name.

    Args:
        choice: the component.
        reference: what is written for it in a config.
    """
    table = option_table(choice.kind, reference)
    with suppress(PluginError, NameError, TypeError):
        cls = choice.load_options_class()
        if cls is not None and table:
            yield from keys_of(cls, table)


def all_keys(registry: "Registry") -> Iterator[Key]:
    """Yields the keys that a config may have with what is installed; one that several components have comes once."""
    found = {key.path: key for key in core_keys()}
    for table in DEFAULT_NAMES:
        names = dict.fromkeys(name for name, _ in named(registry, table))
        found[f"{table}.{NAME}"] = Key(table=table, name=NAME, meaning=f"the {table}", choices=tuple(names))
    for plugin in registry.plugins:
        for kind, component in plugin.components:
            reference = registry.reference(kind, component.name, plugin)
            for key in component_keys(_choice(plugin, kind, component), reference):
                found.setdefault(key.path, key)
    yield from found.values()


def keys_of(cls: type, table: str) -> Iterator[Key]:
    """Yields the keys of a table, or of an options class."""
    for field in attrs.fields(attrs.resolve_types(cls)):
        if field.init:
            words = bounds_of(field).choices or (SWITCH if field.type is bool else ())
            yield Key(
                table=table,
                name=field.name,
                default=_default(field),
                meaning=field.metadata.get("help", ""),
                type=type_words(field.type),
                choices=words,
            )


def named(registry: "Registry", kind: str) -> Iterator[tuple[str, str]]:
    """Yields what is written for each component of a kind, bundles of planes among them, and its summary."""
    for plugin in registry.plugins:
        for its_kind, name, summary in plugin.provided():
            if its_kind == kind:
                yield registry.reference(its_kind, name, plugin), summary


def _choice(plugin: Any, kind: Any, component: Any) -> "Choice":
    from keisei_core.plugins import Choice

    return Choice(kind, component, plugin.owner)


def _default(field: "attrs.Attribute[Any]") -> Any:
    """Returns a field's default; None where there is none, or one that hangs on others."""
    default: Any = field.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # a class, though typed as a function
        return None if default.takes_self else default.factory()
    return None if default is attrs.NOTHING else default
