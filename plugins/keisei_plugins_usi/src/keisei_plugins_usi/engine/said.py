"""What a user interface says: lines of bytes taken apart. Knows no rules; loads nothing.

Nothing is refused here: what can't be read is left out, and who answers sees what is missing.
"""

import locale
import re
from collections.abc import Sequence
from typing import Final

import attrs

from keisei_core.config.named_starts import NAMED_STARTS

EMPTY: Final = "<empty>"
"""How an empty value is written."""
START: Final = NAMED_STARTS["startpos"]
INFINITE: Final = "infinite"
NUMBERS: Final = ("btime", "wtime", "byoyomi", "binc", "winc", "movetime", "depth", "nodes", "rtime")
"""What a number follows in `go`."""
DIGITS: Final = 12
"""Of a number that means anything."""


def text_of(line: bytes) -> str:
    """Returns a line as text, without its end: UTF-8, else what Japanese Windows or this system writes."""
    for encoding in ("utf-8", "cp932", locale.getpreferredencoding(False)):
        try:
            return line.decode(encoding).rstrip("\r\n")
        except (UnicodeDecodeError, LookupError):
            continue
    return line.decode("ascii", "replace").rstrip("\r\n")


@attrs.frozen
class Setting:
    """What `setoption` says."""

    name: str
    value: str | None
    """None of a button, and where nothing is said of a value."""


def setting_of(text: str) -> Setting | None:
    """Reads `setoption name NAME [value VALUE]`, the value to the end of the line; None where it names nothing."""
    _, _, rest = text.partition("name ")
    name, has_value, value = f"{rest} ".partition(" value ")
    name = name.strip()
    if not name:
        return None
    value = value[:-1]  # the space that was put behind it, so that `value` with nothing behind it is one
    return Setting(name, ("" if value == EMPTY else value) if has_value else None)


@attrs.frozen
class Place:
    """What `position` says: where a game began, and the moves since."""

    start: str = START
    """SFEN, as it was written but for missing parts."""
    moves: tuple[str, ...] = ()

    @property
    def side(self) -> int:
        """Who is to move after the moves, 0 Black, 1 White."""
        parts = self.start.split()
        return (int(parts[1:2] == ["w"]) + len(self.moves)) % 2

    @property
    def ply(self) -> int:
        """Plies played since the move number 1."""
        number = self.start.split()[3:4]
        is_told = bool(number) and number[0].isdecimal()
        return max(int(number[0][:DIGITS]) - 1 if is_told else 0, 0) + len(self.moves)


def place_of(words: Sequence[str]) -> Place:
    """Reads what follows `position`; what is no position is left for who plays it to refuse."""
    start, moves = list(words), list[str]()
    if "moves" in start:
        cut = start.index("moves")
        start, moves = start[:cut], start[cut + 1 :]
    if start == ["startpos"]:
        start = START.split()
    if start[:1] == ["sfen"]:
        start = start[1:]
    return Place(" ".join(start), tuple(moves))


@attrs.frozen
class Go:
    """What `go` says; None where it does not."""

    is_ponder: bool = False
    is_infinite: bool = False
    mate: float | None = None
    """Milliseconds to look for a mate, infinity for any number."""
    numbers: dict[str, int] = attrs.field(factory=dict)
    """By the word in front, see `NUMBERS`."""
    moves: tuple[str, ...] = ()
    """The only ones to look at; all where there are none."""

    @property
    def has_clock(self) -> bool:
        """Whether time was told."""
        return bool(self.numbers.keys() & {"btime", "wtime", "byoyomi", "binc", "winc"})


def go_of(words: Sequence[str]) -> Go:
    """Reads what follows `go` or `ponderhit`; words that nobody knows are passed over."""
    numbers, mate, moves = dict[str, int](), None, tuple[str, ...]()
    for place, word in enumerate(words):
        following = words[place + 1] if place + 1 < len(words) else ""
        if word in NUMBERS and (number := _number(following)) is not None:
            numbers[word] = number
        elif word == "mate":
            number = _number(following)
            mate = float("inf") if number is None else float(number)
        elif word == "searchmoves":
            moves = tuple(words[place + 1 :])
            break
    is_infinite = INFINITE in words and mate is None
    return Go("ponder" in words, is_infinite, mate, numbers, moves)


def _number(word: str) -> int | None:
    """Reads a number; one below 0, time that is overdrawn, is 0."""
    if re.fullmatch(r"[+-]?\d+", word) and len(word) <= DIGITS:
        return max(0, int(word))
    return None
