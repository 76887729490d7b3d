"""The settings of a run that are not at their defaults."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs

from keisei_core.config.tables import CORE_TABLES, DEFAULT_NAMES
from keisei_core.errors import KeiseiError
from keisei_core.plugins import Choice, Settings, read_settings
from keisei_core.plugins.component_text import changed_options

HOME: Final = os.path.expanduser("~").rstrip("/")
"""The user's own folder; `~` where nobody knows it, empty where it is the root."""
OWN: Final = re.compile(r"\bkeisei(-plugins-\w+)?:")
"""Before names of what comes with Keisei, and of other plugins."""
INNER: Final = ("teachers", "callbacks", "trackers", "features")
"""Components of which there may be several, each with a table of its own."""


def changed_settings(run: Path) -> list[dict[str, str]] | None:
    """Returns a row for each key that is not at its default; None where the plugins that know them are not here."""
    try:
        settings = read_settings(run / "config.toml")
    except KeiseiError:
        return None
    return [{"key": key, "value": _text(value), "default": _text(default)} for key, value, default in _rows(settings)]


def _rows(settings: Settings) -> Iterator[tuple[str, Any, Any]]:
    for table, cls in CORE_TABLES.items():
        own, usual = attrs.asdict(getattr(settings, table)), attrs.asdict(cls())
        yield from ((f"{table}.{key}", own[key], usual[key]) for key in own if _text(own[key]) != _text(usual[key]))
    for table, name in DEFAULT_NAMES.items():
        choice: Choice = getattr(settings, table)
        if choice.name != name:
            yield f"{table}.name", choice.name, name
        yield from _options(table, choice)
    for choice in (settings.opponent, *(choice for kind in INNER for choice in getattr(settings, kind))):
        yield from _options(choice.name, choice)


def _options(table: str, choice: Choice) -> Iterator[tuple[str, Any, Any]]:
    defaults = {} if choice.options is None else {f.name: f.default for f in attrs.fields(type(choice.options))}
    for key, value in changed_options(choice).items():
        yield f"{table}.{key}", value, defaults[key]


def _text(value: Any) -> str:
    """Writes a value without the packages of names and without the home folder, which is nobody's business."""
    if isinstance(value, list | tuple):
        return ", ".join(map(_text, value))
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return _without_home(OWN.sub("", text))


def _without_home(text: str) -> str:
    """Returns a text with `~` for the home folder, where that is a whole path or the beginning of one."""
    return re.sub(rf"(?<![\w./~-]){re.escape(HOME)}(?![\w.-])", "~", text) if HOME.startswith("/") else text
