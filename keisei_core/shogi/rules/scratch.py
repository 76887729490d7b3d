"""Working memory of the move generator: rows of 128 bytes in ONE flat array, with constant places.

Separate arrays, or a second axis, would keep the compiler from seeing that rows do not overlap, and so from using
vector instructions (measured: 390 ns a position with them, 1,080 without).
"""

from typing import Final, NamedTuple

import numpy as np

from keisei_core.shogi.compile import stage
from keisei_core.shogi.positions import UInt8Array
from keisei_core.shogi.tables import Int64Array, UInt64Array

STRIDE: Final = 128
MARGIN: Final = 16
"""Zeros before a row that is read shifted by a step; the widest step is 11 squares."""

OWN_STEPS: Final = 0 * STRIDE + MARGIN
"""Per origin, the lines in which the mover's piece takes one step without promoting."""
OWN_PROMOTIONS: Final = 1 * STRIDE + MARGIN
"""Per origin, the lines in which the mover's piece takes one step and promotes."""
KNIGHTS: Final = 2 * STRIDE + MARGIN
"""Per origin, jumps of knights: bits 0..3 of own ones, 4 and 5 of the opponent's."""
OPPONENT_STEPS: Final = 3 * STRIDE + MARGIN
"""Per origin, the lines in which the opponent's piece takes one step."""
NOT_OWN: Final = 4 * STRIDE
"""1 where no own piece stands."""
VACANT: Final = 5 * STRIDE
"""1 where a piece may be dropped."""
ATTACKED: Final = 6 * STRIDE
"""1 where the mover's king may not go."""
PIN_BARS: Final = 7 * STRIDE
"""Per own pinned piece, the lines it may not leave in; zero between calls."""
LINE_PIECES: Final = 8 * STRIDE
"""1 where a sliding piece or a king stands; read as words."""
ANSWERS: Final = 9 * STRIDE
"""1 on the squares that answer a check: the checking piece's and those between."""
TARGETS: Final = 10 * STRIDE
"""1 where a piece other than the king may go."""
CODES: Final = 11 * STRIDE
"""The board with a tail of zeros."""
PAWN_DROPS: Final = 12 * STRIDE
"""1 where a pawn may be dropped."""
SPARE: Final = 13 * STRIDE
"""The plane of gold drops, and the board while it is turned."""
COUNTS: Final = 14 * STRIDE
"""Per destination, the number of moves found so far."""
NUM_BYTES: Final = 15 * STRIDE

LINE_PIECE_WORDS: Final = LINE_PIECES // 8
SPARE_WORDS: Final = SPARE // 8
NUM_WORDS: Final = 11
"""Words of 8 squares that cover the board."""

MAX_SLIDERS: Final = 40
OWN_SLIDERS: Final = 0
OPPONENT_SLIDERS: Final = MAX_SLIDERS
OWN_KING: Final = 2 * MAX_SLIDERS
OPPONENT_KING_SQUARE: Final = OWN_KING + 1
NUM_LISTED: Final = OWN_KING + 2
SCRATCH_BYTES: Final = NUM_BYTES + 8 * NUM_LISTED


class Scratch(NamedTuple):
    """Working memory; one for each thread."""

    rows: UInt8Array
    """uint8 [1920], the rows named above."""
    words: UInt64Array
    """uint64 [240], the same memory."""
    listed: Int64Array
    """int64 [82], squares: own sliding pieces, the opponent's, the two kings."""


@stage
def scratch_in(memory: UInt8Array) -> Scratch:
    """Returns working memory for a call: uint8 [SCRATCH_BYTES], zeros, see `tasks.room`."""
    rows = memory[:NUM_BYTES]
    return Scratch(rows, rows.view(np.uint64), memory[NUM_BYTES:].view(np.int64))


def new_scratch() -> Scratch:
    """Makes working memory for one thread."""
    rows = np.zeros(NUM_BYTES, np.uint8)
    return Scratch(rows, rows.view(np.uint64), np.zeros(NUM_LISTED, np.int64))
