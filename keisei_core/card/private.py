"""What of a run may be told to everybody: nothing that names a place on the machine that it ran on."""

import re
from typing import Final

from keisei_core.plugins.component_text import BETWEEN_OPTIONS, FORM

HIDDEN: Final = "(a path)"
OF_PATHS: Final = re.compile(r"[/\\~]")


def without_paths(text: str) -> str:
    """Returns a text, or `(a path)` where one is in it: folders are called after people and projects.

    A path may have any character in it: nobody can tell where in a text it begins and ends.
    """
    return HIDDEN if OF_PATHS.search(text) else text


def player_without_paths(text: str) -> str:
    """Returns a player's text with `(a path)` for its name, and for the value of an option, where a path is in it."""
    match = FORM.fullmatch(text)
    if match is None or match["options"] is None:
        return without_paths(text)
    name, sign = text[: match.start("options") - 1], text[match.start("options") - 1]
    options = [option.partition("=") for option in BETWEEN_OPTIONS.split(match["options"])]
    return f"{without_paths(name)}{sign}{','.join(f'{key}={without_paths(value)}' for key, _, value in options)}"
