"""Material balance of positions, which the value starts from and games are looked at by.

Shape key: N positions.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi.positions import Positions

PIECE_VALUES: Final = (0, 1, 3, 4, 5, 8, 10, 6, 0, 6, 6, 6, 6, 11, 13)
"""Pawns' worth of the piece codes 0..14 (P L N S B R G K, then +P +L +N +S +B +R): the common scale of Shogi
primers, kings left out."""

BOARD_VALUES: Final = np.array([*PIECE_VALUES, *(-value for value in PIECE_VALUES[1:])], np.float32)
HAND_VALUES: Final = np.array([*PIECE_VALUES[1:8], *(-value for value in PIECE_VALUES[1:8])], np.float32)
"""In float32, which holds such sums exactly and adds them up fastest."""


def material(positions: Positions) -> NDArray[np.float32]:
    """Returns the mover's material minus the opponent's, board and hands, float32 [N], in pawns."""
    on_board = BOARD_VALUES.take(positions.board, mode="clip").sum(axis=1)
    balance: NDArray[np.float32] = on_board + positions.hands.reshape(len(positions), len(HAND_VALUES)) @ HAND_VALUES
    return balance
