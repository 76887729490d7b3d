"""The settings of a run that are not at their defaults."""

import os
import re
from pathlib import Path
from typing import Final

from keisei_core.errors import KeiseiError
from keisei_core.plugins import read_settings
from keisei_core.plugins.changed_settings import changed_settings as changed_of

HOME: Final = os.path.expanduser("~").rstrip("/")
"""The user's own folder; `~` where nobody knows it, empty where it is the root."""


def changed_settings(run: Path) -> list[dict[str, str]] | None:
    """Returns a row for each key that is not at its default; None where the plugins that know them are not here."""
    try:
        settings = read_settings(run / "config.toml")
    except KeiseiError:
        return None
    return [
        {"key": key, "value": _without_home(value), "default": _without_home(default)}
        for key, value, default in changed_of(settings)
    ]


def _without_home(text: str) -> str:
    """Returns a text with `~` for the home folder, where that is a whole path or the beginning of one."""
    return re.sub(rf"(?<![\w./~-]){re.escape(HOME)}(?![\w.-])", "~", text) if HOME.startswith("/") else text
