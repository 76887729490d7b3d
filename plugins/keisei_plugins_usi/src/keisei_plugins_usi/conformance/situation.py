"""One situation: what a client does, what an engine must do, and what becomes of it where it doesn't."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import attrs

Ask = Callable[[Any], str]
"""Takes a `Client`, puts its engine into the situation and says what came; raises `WrongError` or `NotAskedError`."""


class Begin(StrEnum):
    """Where a situation finds the engine."""

    STARTED = "started"
    """A process of its own to which nothing was sent."""
    READY = "ready"
    """After `readyok`, whatever was done with it before."""


@attrs.frozen(kw_only=True)
class Situation:
    """A row of the table, or a part of one."""

    row: int
    """Its theme's number; situations of one theme share it (docs/usi-check.md)."""
    name: str
    """One word, for `--only`."""
    sent: str
    """What is done."""
    must: str
    """What has to come."""
    why: str
    """Which client does what where it doesn't come."""
    begin: Begin
    ends: bool
    """Whether the process is of no use afterwards."""
    ask: Ask


def situation(
    row: int, *, sent: str, must: str, why: str, begin: Begin = Begin.READY, ends: bool = False
) -> Callable[[Ask], Situation]:
    """Makes a situation of a function that asks for it, named after it."""

    def made(ask: Ask) -> Situation:
        name = ask.__name__.replace("_", "-")
        is_last = ends or begin is Begin.STARTED
        return Situation(row=row, name=name, sent=sent, must=must, why=why, begin=begin, ends=is_last, ask=ask)

    return made
