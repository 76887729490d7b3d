"""Which squares next to a king a check covers: tables, by the piece that gives it and where it stands."""

from typing import Final

import numpy as np

from keisei_core.shogi.tables import (
    BISHOP,
    DRAGON,
    FILE_STEP,
    LANCE,
    NUM_LINES,
    OPPOSITE,
    PROMOTED,
    RANK_STEP,
    ROOK,
    SLIDES,
    STEPS,
    Int64Array,
)

SLIDERS: Final = (LANCE, BISHOP, ROOK)
NEXT, FAR = 0, 1
"""First index of the tables: a piece next to the king, and one farther away."""


def _covered(code: int, line: int, distance: int) -> int:
    """Returns the squares next to a king, as lines from him, that an opponent's piece attacks if nothing is between.

    Args:
        code: The piece, as its owner sees it.
        line: From the king to the piece.
        distance: 1, or 2 for that and more.
    """
    steps, covered = list(zip(FILE_STEP[:NUM_LINES], RANK_STEP[:NUM_LINES], strict=True)), 0
    for other in range(NUM_LINES):
        file, rank = (steps[other][axis] - distance * steps[line][axis] for axis in range(2))
        length = max(abs(file), abs(rank))
        if length and (file == 0 or rank == 0 or abs(file) == abs(rank)):
            way = OPPOSITE[steps.index((file // length, rank // length))]
            moves = SLIDES.get(code, 0) | (STEPS.get(code, 0) if length == 1 else 0)
            covered |= (moves >> way & 1) << other
    return covered


COVERED: Final[Int64Array] = np.array(
    [
        [[_covered(code, line, distance) for line in range(NUM_LINES)] for code in range(DRAGON + 1)]
        for distance in (1, 2)
    ]
)
"""int64 [2, 15, 8]; `_covered` by distance, code and line."""


def _most_covered(kinds: int, line: int, distance: int) -> int:
    """Returns all that checks by any one piece may cover; see `_covered`.

    Args:
        kinds: The sliding pieces that there are, a set of `SLIDERS`, promoted or not.
        line, distance: See `_covered`.
    """
    missing = {
        kind + promoted for place, kind in enumerate(SLIDERS) if not kinds >> place & 1 for promoted in (0, PROMOTED)
    }
    codes = [code for code in range(1, DRAGON + 1) if code not in missing]
    if distance > 1:
        codes = [code for code in codes if SLIDES.get(code, 0) >> line & 1]
    return int(np.bitwise_or.reduce([0, *(int(COVERED[distance - 1, code, line]) for code in codes)]))


MOST_COVERED: Final[Int64Array] = np.array(
    [
        [[_most_covered(kinds, line, distance) for line in range(NUM_LINES)] for kinds in range(1 << len(SLIDERS))]
        for distance in (1, 2)
    ]
)
"""int64 [2, 8, 8]; `_most_covered` by distance, kinds and line."""
