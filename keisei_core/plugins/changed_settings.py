"""Which settings of a run are not at their defaults, for people to read."""

import re
from collections.abc import Iterator
from typing import Any, Final

import attrs

from keisei_core.config.tables import CORE_TABLES, DEFAULT_NAMES
from keisei_core.plugins.choice import Choice
from keisei_core.plugins.component_text import changed_options
from keisei_core.plugins.settings import Settings

OWN: Final = re.compile(r"\bkeisei(-plugins-\w+)?:")
"""Before names of what comes with Keisei, and of other plugins."""
INNER: Final = ("teachers", "callbacks", "trackers", "features")
"""Components of which there may be several, each with a table of its own."""


def changed_settings(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Yields key, value and default of each setting that is not at its default, as `plain_text` writes values."""
    for key, value, default in _rows(settings):
        if plain_text(value) != plain_text(default):
            yield key, plain_text(value), plain_text(default)


def plain_text(value: Any) -> str:
    """Writes a value without the packages in names of what comes with Keisei."""
    if isinstance(value, list | tuple):
        return ", ".join(map(plain_text, value))
    return OWN.sub("", str(value).lower() if isinstance(value, bool) else str(value))


def _rows(settings: Settings) -> Iterator[tuple[str, Any, Any]]:
    for table, cls in CORE_TABLES.items():
        own, usual = attrs.asdict(getattr(settings, table)), attrs.asdict(cls())
        yield from ((f"{table}.{key}", own[key], usual[key]) for key in own)
    for table, name in DEFAULT_NAMES.items():
        choice: Choice = getattr(settings, table)
        yield f"{table}.name", choice.name, name
        yield from _options(table, choice)
    for choice in (settings.opponent, *(choice for kind in INNER for choice in getattr(settings, kind))):
        yield from _options(choice.name, choice)


def _options(table: str, choice: Choice) -> Iterator[tuple[str, Any, Any]]:
    defaults = {} if choice.options is None else {f.name: f.default for f in attrs.fields(type(choice.options))}
    for key, value in changed_options(choice).items():
        yield f"{table}.{key}", value, defaults[key]
