"""The recipe that comes with Keisei, written so that every key is explained where it stands."""

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import keisei_core
from keisei_core.cli.keys import NAME, Key, component_keys, keys_of
from keisei_core.config.document import read_toml
from keisei_core.config.tables import CORE_TABLES, DEFAULT_NAMES

if TYPE_CHECKING:  # help does without
    from keisei_core.plugins import Registry

RECIPE: Final = Path(keisei_core.__file__).with_name("recipe.toml")
ORDER: Final = (
    *("run", "input", "model", "precision", "distribution", "selfplay", "value", "decider", "algorithm", "optimizer"),
    *("learning", "teaching", "evaluation", "checkpoint", "tracking", "plugins"),
)
"""Tables as a reader asks for them: how long, what is seen, who plays, what is learned, what is measured and kept."""
HEAD: Final = """\
# A config of Keisei: a player from nothing in a few minutes. `keisei run` trains by it, `keisei check` tries each part.
# Every key stands here with its meaning. Those that begin with # are at their defaults: take the # away to set one.
"""
WIDTH: Final = 116


def commented_recipe(registry: "Registry") -> str:
    """Returns the recipe with every key of the core and of the components that it chooses.

    Raises:
        ConfigError, PluginError: a component of the recipe is not installed, or its options can't be read.
    """
    recipe = read_toml(RECIPE)
    tables = (line for table in ORDER for line in _table(table, recipe.get(table, {}), registry))
    return "\n".join([HEAD, *tables, *_tables_of_plugins(recipe)])


def _table(table: str, chosen: Mapping[str, Any], registry: "Registry") -> Iterator[str]:
    """Yields the lines of a table, and of those of the components that it names."""
    if table in DEFAULT_NAMES:
        name = chosen.get(NAME, DEFAULT_NAMES[table])
        yield from _component(table, table, name, chosen, registry)
        return
    about = str(CORE_TABLES[table].__doc__).partition(": ")[2]
    yield from _comment(about[:1].upper() + about[1:])
    yield f"[{table}]"
    for key in keys_of(CORE_TABLES[table], table):
        yield from _key(key, chosen)
    yield ""
    for name in chosen.get("teachers", ()):
        yield from _component(f"{table}.{name}", "teacher", name, chosen.get(name, {}), registry)


def _tables_of_plugins(recipe: Mapping[str, Any]) -> Iterator[str]:
    """Yields the tables of the recipe that only a plugin can read, such as what starts an engine."""
    import tomli_w

    if rest := {table: keys for table, keys in recipe.items() if table not in ORDER}:
        yield "# Read by plugins"
        yield tomli_w.dumps(rest)


def _component(table: str, kind: str, name: str, chosen: Mapping[str, Any], registry: "Registry") -> Iterator[str]:
    """Yields the lines of the table with a component's options."""
    from keisei_core.plugins import Kind

    choice = registry.resolve(Kind(kind), name)
    yield from _comment(f"The {kind} {name}: {choice.component.summary}.")
    yield f"# Others: keisei plugins list --kind {kind}"
    yield f"[{table}]"
    if table == kind:
        yield f'{NAME} = "{name}"'
    for key in component_keys(choice, name):
        yield from _key(key, chosen)
    yield ""


def _key(key: Key, chosen: Mapping[str, Any]) -> Iterator[str]:
    """Yields a key's meaning and its value; behind # where it is the default."""
    yield from _comment(key.meaning or key.name.replace("_", " "))
    if key.name in chosen:
        yield f"{key.name} = {_written(chosen[key.name])}"
    elif key.default is not None:
        yield f"#{key.name} = {_written(key.default)}"


def _comment(text: str) -> Iterator[str]:
    for line in textwrap.wrap(text, WIDTH):
        yield f"# {line}"


def _written(value: Any) -> str:
    """Writes a value as TOML, large integers in groups of three."""
    import tomli_w

    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:_}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_written, value))}]"
    return tomli_w.dumps({"value": value}).partition("= ")[2].strip()
