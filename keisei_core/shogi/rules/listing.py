"""Lists of legal moves out of masks, by the process's threads."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.compile import inner, kernel, signed, stage, trailing_zeros, unsigned, word_at
from keisei_core.shogi.positions import UInt8Array
from keisei_core.shogi.rules.threads import share
from keisei_core.shogi.tables import Int32Array, Int64Array

WIDTH: Final = 640
"""Places for a position's moves; none has more than 593."""
FAST_ROWS: Final = 8
"""Rows that a thread takes at once."""
WORD: Final = 8
WHOLE: Final = NUM_ACTIONS // WORD * WORD
"""Actions that are looked at eight together; the last three are not."""

Int16Array = NDArray[np.int16]


@stage
def list_row(legal: UInt8Array, row: int, moves: Int16Array, place: int) -> int:
    """Lists the legal moves of a row from a place on; returns the place behind them.

    Eight actions are looked at together, since hardly any of them is legal.
    """
    mask = row * NUM_ACTIONS
    for first in range(0, WHOLE, WORD):
        word = word_at(legal, mask + first)
        while word:
            moves[place] = first + (trailing_zeros(word) >> 3)
            place += 1
            word &= word - 1
    for action in range(WHOLE, NUM_ACTIONS):
        # Written whether legal or not: the next one comes to the same place if it was not.
        moves[place] = action
        place += signed(legal[mask + action])
    return place


@inner
def list_rows(low: int, high: int, legal: UInt8Array, moves: Int16Array, num_legal: Int32Array) -> None:
    """Lists the legal moves of some rows, and fills up the places that they don't need."""
    for row in range(low, high):
        place = list_row(legal, signed(row), moves, signed(row * WIDTH))
        num_legal[row] = place - row * WIDTH
        for rest in range(unsigned(place), unsigned((row + 1) * WIDTH)):
            moves[rest] = NUM_ACTIONS


@kernel
def list_moves(crew: Int64Array, legal: UInt8Array, moves: Int16Array, num_legal: Int32Array) -> None:
    """Lists legal moves in rising order.

    Args:
        crew: what the threads share.
        legal: uint8 [N * 2187], 1 = legal, 0 elsewhere.
        moves: int16 [N * 640], gets each row's moves and then 2187.
        num_legal: int32 [N], gets how many each row has.
    """
    share(crew, len(num_legal), FAST_ROWS, list_rows, (legal, moves, num_legal))
