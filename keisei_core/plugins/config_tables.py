"""Tables of a config that are a plugin's own: its components declare them by `keisei_core.config.from_table`."""

import typing
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import attrs

from keisei_core.config.checks import table_keys
from keisei_core.config.wording import as_toml
from keisei_core.errors import ConfigError, PluginError
from keisei_core.plugins.choice import Choice
from keisei_core.plugins.components import Kind
from keisei_core.plugins.registry import Registry

Tables = Mapping[str, Mapping[str, Any]]
"""Instances of attrs classes by table and name: what stands in `[TABLE.NAME]`."""
Problem = tuple[tuple[str, ...], str]
"""A path of keys, and what is wrong there."""


def with_tables(choice: Choice, tables: Tables) -> Choice:
    """Returns a choice whose options have the tables that they want, as far as there are any.

    Raises:
        ConfigError: the options don't go with the tables.
    """
    if choice.options is None:
        return choice
    wanted = {key: dict(tables[table]) for key, table in table_keys(type(choice.options)).items() if table in tables}
    try:
        return attrs.evolve(choice, options=attrs.evolve(choice.options, **wanted)) if wanted else choice
    except ValueError as error:
        raise ConfigError([f"{choice.kind} {choice.name!r}: {error}"]) from error


def declared_tables(registry: Registry) -> dict[str, type[Any]]:
    """Returns the class of the entries of every table that an installed player wants, by the table's name."""
    found: dict[str, type[Any]] = {}
    for choice in registry.choices(Kind.PLAYER):
        with suppress(PluginError, TypeError, NameError):  # one that does not load is told of where it is chosen
            cls = choice.load_options_class()
            for key, table in table_keys(cls).items() if cls is not None else ():
                found[table] = typing.get_args(typing.get_type_hints(cls)[key])[1]
    return found


def read_table(name: str, written: Mapping[str, object], cls: type[Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Reads every `[NAME.ENTRY]` of a table.

    Args:
        name: of the table.
        written: its entries as the document has them.
        cls: of the entries.

    Returns:
        What could be read, by entry, and all that is wrong.
    """
    from keisei_core.config.structure import structure  # loads cattrs, which listings do without

    entries, problems = {}, list[Problem]()
    for entry, table in written.items():
        if not isinstance(table, dict):
            problems.append(((name, entry), f"must be a table [{name}.{entry}], got {as_toml(table)}"))
            continue
        read = structure(cls, table)
        problems += [((name, entry, key), text) for key, text in read.problems]
        entries[entry] = read.value
    return entries, problems


def as_document(tables: Tables) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields the tables as TOML has them, by name."""
    from keisei_core.config.structure import unstructure

    for name, entries in tables.items():
        yield name, {entry: unstructure(value) for entry, value in entries.items()}
