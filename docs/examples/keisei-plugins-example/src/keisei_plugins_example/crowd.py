"""How crowded it is around each square.

Shape key: N positions.
"""

import numpy as np
from keisei_core.observe import Channel, PlaneContext
from keisei_core.shogi import OPPONENT, Positions, UInt8Array
from numpy.typing import NDArray


class Crowd:
    """Two planes: pieces of the mover, and of the opponent, on a square and the eight around it."""

    channels = (Channel("crowd_own", scale=1 / 9), Channel("crowd_opponent", scale=1 / 9))

    def __init__(self, context: PlaneContext) -> None:
        del context  # says how long games may get

    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        """Writes uint8 [N, 2, 9, 9]."""
        board = positions.board.reshape(-1, 9, 9)
        planes[:, 0] = _around((board > 0) & (board <= OPPONENT))
        planes[:, 1] = _around(board > OPPONENT)


def _around(pieces: NDArray[np.bool_]) -> UInt8Array:
    """Counts, uint8 [N, 9, 9], the true squares of bool [N, 9, 9] in each 3x3 neighbourhood."""
    edged = np.pad(pieces.astype(np.uint8), ((0, 0), (1, 1), (1, 1)))
    rows = edged[:, :-2] + edged[:, 1:-1] + edged[:, 2:]
    counts: UInt8Array = rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]
    return counts
