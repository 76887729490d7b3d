"""What whoever runs a command hears once on stderr, however often it is found: damage, names with several owners."""

import os
from typing import Final

from keisei_core.streams import say

_said: Final[set[str]] = set()


def warn_once(text: str) -> None:
    """Writes a warning to stderr, once in this process; of several processes of a run the first one writes.

    Where nobody reads stderr any more the command goes on unheard.
    """
    if text in _said or os.environ.get("RANK", "0") != "0":
        return
    _said.add(text)
    say(f"keisei: warning: {text}")


def forget_notices() -> None:
    """Lets everything be said again, for a process that goes on after a command."""
    _said.clear()
