"""The lines of a store: what is written of pairs, and what is read again. Knows nothing of files; see store.py."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from keisei_core import __version__
from keisei_core.arena.meeting import Meeting, Results, stretches
from keisei_core.arena.score import OUTCOMES

Value = TypeVar("Value")

FORMAT: Final = 2
PAIRS: Final = re.compile(rf"[{OUTCOMES}]{{2}}( [{OUTCOMES}]{{2}})*")
STRAY: Final = b"\xef\xbb\xbf\0 \t\r"
"""A byte order mark, NULs as a crash of the machine leaves them, blanks: at the ends of a line they mean nothing."""
WANTED: Final = "expected pairs that `keisei match` or `ladder` wrote"


def written(meeting: Meeting, names: tuple[str, str], pairs: Mapping[int, str]) -> bytes:
    """Writes pairs by opening: a line for each run of neighbouring openings."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    head = {"format": FORMAT, "time": now, "keisei": __version__}
    lines = []
    for opening, stretch in stretches(pairs):
        who = {"first": meeting.first, "second": meeting.second, "first_name": names[0], "second_name": names[1]}
        how = {name: getattr(meeting, name) for name in ("seed", "opening_plies", "max_plies", "sprt")}
        lines.append(json.dumps({**head, **who, **how, "opening": opening, "pairs": " ".join(stretch)}))
    return "".join(f"{line}\n" for line in lines).encode()


def read_lines(content: bytes) -> tuple[Results, list[str]]:
    """Reads what is whole.

    Returns:
        The pairs, and what is to be told of lines that are not as they were written.

    Raises:
        ValueError: a line is none of a store; names its number.
    """
    results, notes = Results(), []
    lines = content.split(b"\n")
    for number, line in enumerate(lines if lines[-1] else lines[:-1], 1):
        text = line.strip(STRAY)
        if not text:
            notes.append(f"line {number} is empty")
            continue
        if text != line.rstrip(b"\r"):
            notes.append(f"line {number} has stray bytes beside its record")
        try:
            record = json.loads(text)
        except (ValueError, RecursionError) as error:
            if not text.startswith(b"{"):
                raise ValueError(f"line {number}: {WANTED}, got {text[:40]!r}; remove the line") from error
            notes.append(f"line {number} is no whole record and is left out")
            continue
        try:
            _add(results, record)
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"line {number}: {WANTED} ({error!r}); remove the line") from error
    return results, notes


def _add(results: Results, record: dict[str, Any]) -> None:
    """Adds the pairs of one record.

    Raises:
        ValueError, KeyError, TypeError: it is none.
    """
    if record["format"] != FORMAT:
        raise ValueError(f"expected format {FORMAT}, got {record['format']!r}")
    meeting = Meeting(
        first=_of(record, "first", str),
        second=_of(record, "second", str),
        seed=_of(record, "seed", int),
        opening_plies=_of(record, "opening_plies", int),
        max_plies=_of(record, "max_plies", int),
        sprt=_of(record, "sprt", bool),
    )
    pairs, opening = _of(record, "pairs", str), _of(record, "opening", int)
    if PAIRS.fullmatch(pairs) is None:
        raise ValueError(f"expected pairs of the letters {OUTCOMES}, got {pairs[:40]!r}")
    results.add(meeting, dict(enumerate(pairs.split(" "), opening)))
    for player in ("first", "second"):
        results.names[record[player]] = _of(record, f"{player}_name", str)


def _of(record: dict[str, Any], key: str, cls: type[Value]) -> Value:
    value = record[key]
    if type(value) is not cls:
        raise TypeError(f"expected {cls.__name__} for {key}, got {value!r}")
    return value
