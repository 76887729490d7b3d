"""`info` lines: how far a search is, as a user interface reads it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from keisei_core.arena import Info, Line

MOST_TEXT: Final = 300
"""Characters of an `info string`."""


def info_lines(info: "Info", lines: int, centipawns: int) -> Iterator[str]:
    """Yields a line for each line of play that is to be told of, the best first.

    Args:
        info: what the search told.
        lines: how many at most; of one alone its number is not told.
        centipawns: of a ratio of e to 1 between winning and losing.
    """
    milliseconds = round(info.seconds * 1000)
    counts = f"time {milliseconds} nodes {info.nodes} nps {info.nodes_per_s} hashfull {round(info.full * 1000)}"
    for number, line in enumerate(info.lines[:lines], 1):
        depth = len(line.moves)
        parts = [f"info depth {depth} seldepth {max(info.seldepth, depth)} {counts}"]
        if lines > 1:
            parts.append(f"multipv {number}")
        if score := score_of(line, centipawns):
            parts.append(f"score {score}")
        yield " ".join([*parts, "pv", *line.moves])


def score_of(line: "Line", centipawns: int) -> str:
    """Returns a line's worth for the mover as USI writes it, "" where nobody knows."""
    if line.mate:
        return f"mate {line.mate}"
    score = line.score(centipawns)
    return "" if score is None else f"cp {score}"


def info_string(text: str) -> str:
    """Returns a line of 7-bit text that a user interface shows."""
    first = " ".join(text.split())[:MOST_TEXT]
    return f"info string {first.encode('ascii', 'backslashreplace').decode('ascii')}"
