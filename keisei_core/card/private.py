"""What of a run may be told to everybody: nothing that names a place on the machine that it ran on."""

import re
from typing import Final

PATH: Final = re.compile(r"[^\s,=:|\"'\[\]{}]*[/\\][^\s,=|\"'\[\]{}]*|(?<!\w)~\w*")
"""A path wherever it stands in a text; with the colon and checkpoint that may be behind it."""
HIDDEN: Final = "(a path)"


def without_paths(text: str) -> str:
    """Returns a text with `(a path)` for each path in it: folders are called after people and projects."""
    return PATH.sub(HIDDEN, text)
