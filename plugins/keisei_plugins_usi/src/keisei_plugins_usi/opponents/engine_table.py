"""An engine as `[engines.NAME]` describes it; loads nothing heavy."""

import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from keisei_core.config import above, at_least, at_most, home_path, one_of, path_setting, setting
from keisei_core.config.wording import as_toml

LIMITS: Final[Mapping[str, tuple[str, ...]]] = {
    "usi": ("depth", "nodes", "movetime", "byoyomi"),
    "xboard": ("depth", "movetime"),
    "gnushogi": ("depth",),
}
"""What `go` may have in each protocol: the same for every move, so that no clock decides how a game goes."""
PROTOCOLS: Final = tuple(LIMITS)
LINE_ENDS: Final = ("\n", "\r", "\0")

OptionValue = bool | int | float | str


def _from_anywhere(command: Sequence[str]) -> tuple[str, ...]:
    """Makes the program a path from the root on where it is a path, since a run is resumed from any folder."""
    if command and os.sep in command[0]:
        return (str(home_path(command[0]).absolute()), *command[1:])
    return tuple(command)


def _is_go(table: "EngineTable", _: "attrs.Attribute[Any]", value: str) -> None:
    limits = LIMITS.get(table.protocol, LIMITS["usi"])
    limit = rf"({'|'.join(limits)}) [1-9]\d*"
    if re.fullmatch(rf"{limit}( {limit})*", value) is None:
        told = ", ".join(f"{limit} N" for limit in limits)
        raise ValueError(f"must be limits of a move that {table.protocol} has ({told}), got {value!r}")


def _can_be_told(table: "EngineTable", _: "attrs.Attribute[Any]", value: Mapping[str, OptionValue]) -> None:
    if value and table.protocol == "gnushogi":
        raise ValueError(f"must be empty where the protocol is gnushogi, got {', '.join(value)}")
    for name, given in value.items():
        if not name or any(end in f"{name}{given}" for end in LINE_ENDS):
            raise ValueError(f"must be names and values of one line, got {name!r} = {given!r}")


def _has_program(_: object, __: "attrs.Attribute[Any]", value: tuple[str, ...]) -> None:
    if not (value and value[0]):
        raise ValueError(f"must begin with a program, got {as_toml(list(value))}")


@attrs.frozen(kw_only=True)
class EngineTable:
    """How an engine is started and asked."""

    command: tuple[str, ...] = attrs.field(
        default=(), converter=_from_anywhere, validator=_has_program, metadata={"help": "the program and its arguments"}
    )
    protocol: str = setting("usi", "how it is spoken to: usi, xboard or gnushogi", one_of(*PROTOCOLS))
    options: dict[str, OptionValue] = attrs.field(
        factory=dict, validator=_can_be_told, metadata={"help": "options of the engine by name"}
    )
    go: str = attrs.field(
        default="depth 1",
        validator=_is_go,
        metadata={"help": "limits of a move: depth N, nodes N, movetime MS, byoyomi MS; as the protocol has them"},
    )
    drops: str = setting("*", "how it writes drops: * as USI does, or @", one_of("*", "@"))
    folder: str = path_setting("working folder of the engine; empty: that of Keisei")
    processes: int = setting(1, "engines side by side, each plays one game", at_least(1), at_most(64))
    start_timeout: float = setting(60.0, "seconds until it must be ready", above(0), at_most(3_600))
    move_timeout: float = setting(60.0, "seconds until a move must be there", above(0), at_most(86_400))

    @property
    def limits(self) -> dict[str, int]:
        """Numbers of `go` by the name of the limit."""
        words = self.go.split()
        return {name: int(number) for name, number in zip(words[::2], words[1::2], strict=True)}
