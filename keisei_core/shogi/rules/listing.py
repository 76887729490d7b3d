"""Lists of legal moves out of masks, by the process's threads."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi.actions import NUM_ACTION_PLANES, NUM_ACTIONS
from keisei_core.shogi.compile import inner, kernel, signed, unsigned
from keisei_core.shogi.positions import NUM_SQUARES, UInt8Array
from keisei_core.shogi.rules.threads import share
from keisei_core.shogi.tables import Int32Array, Int64Array

WIDTH: Final = 640
"""Places for a position's moves; none has more than 593."""
FAST_ROWS: Final = 8
"""Rows that a thread takes at once."""

Int16Array = NDArray[np.int16]


@inner
def list_rows(low: int, high: int, legal: UInt8Array, moves: Int16Array, num_legal: Int32Array) -> None:
    """Lists the legal moves of some rows plane by plane: a plane is counted in vectors, and many have none."""
    for row in range(low, high):
        place = signed(row * WIDTH)
        for plane in range(NUM_ACTION_PLANES):
            mask, number = unsigned(row * NUM_ACTIONS + plane * NUM_SQUARES), signed(0)
            for square in range(unsigned(NUM_SQUARES)):
                number += signed(legal[mask + square])
            behind, action = place + number, signed(plane * NUM_SQUARES)
            while place < behind:
                # Written whether legal or not: the next one comes to the same place if it was not.
                moves[place] = action
                place += signed(legal[row * NUM_ACTIONS + action])
                action += 1
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
