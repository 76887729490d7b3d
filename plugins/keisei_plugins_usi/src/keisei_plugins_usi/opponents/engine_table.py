"""An engine as `[engines.NAME]` describes it; loads nothing heavy."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from keisei_core.config import above, at_least, at_most, not_empty, one_of, setting

LIMITS: Final = ("depth", "nodes", "movetime", "byoyomi")
"""What `go` may have: the same for every move, so that games don't depend on how long they are."""
GO: Final = re.compile(rf"({'|'.join(LIMITS)}) [1-9]\d*( ({'|'.join(LIMITS)}) [1-9]\d*)*")
SECRET_ENDS: Final = ("\n", "\r", "\0")

OptionValue = bool | int | float | str


def _is_go(_: object, field: "attrs.Attribute[Any]", value: str) -> None:
    if GO.fullmatch(value) is None:
        raise ValueError(f"must be limits of a move, {', '.join(f'{limit} N' for limit in LIMITS)}, got {value!r}")


def _one_line_each(_: object, field: "attrs.Attribute[Any]", value: Mapping[str, OptionValue]) -> None:
    for name, given in value.items():
        if not name or any(end in f"{name}{given}" for end in SECRET_ENDS):
            raise ValueError(f"must be names and values of one line, got {name!r} = {given!r}")


@attrs.frozen(kw_only=True)
class EngineTable:
    """How an engine is started and asked."""

    command: tuple[str, ...] = setting(("",), "the program and its arguments", not_empty())
    protocol: str = setting("usi", "how it is spoken to: usi, xboard or gnushogi", one_of("usi", "xboard", "gnushogi"))
    options: dict[str, OptionValue] = attrs.field(
        factory=dict, validator=_one_line_each, metadata={"help": "options of the engine by name"}
    )
    go: str = attrs.field(
        default="depth 1",
        validator=_is_go,
        metadata={"help": "limits of a move: depth, nodes, movetime or byoyomi with a number (the last two in ms)"},
    )
    drops: str = setting("*", "how it writes drops: * as USI does, or @", one_of("*", "@"))
    folder: str = setting("", "working folder of the engine; empty: that of Keisei")
    processes: int = setting(1, "engines side by side, each plays one game", at_least(1), at_most(256))
    start_timeout: float = setting(60.0, "seconds until it must be ready", above(0), at_most(3_600))
    move_timeout: float = setting(60.0, "seconds until a move must be there", above(0), at_most(86_400))

    @property
    def program(self) -> tuple[str, ...]:
        """The command with its program as a path where it is one, whatever folder the engine works in."""
        first = Path(self.command[0]).expanduser()
        return (str(first.absolute()) if len(first.parts) > 1 else str(first), *self.command[1:])

    @property
    def working_folder(self) -> Path | None:
        """Where the engine works; None for where Keisei does."""
        return Path(self.folder).expanduser() if self.folder else None

    @property
    def limits(self) -> dict[str, int]:
        """Numbers of `go` by the name of the limit."""
        words = self.go.split()
        return {name: int(number) for name, number in zip(words[::2], words[1::2], strict=True)}
