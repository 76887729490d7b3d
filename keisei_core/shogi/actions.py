"""The 2,187 actions: 27 planes x 81 destination squares, seen by the mover."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi.positions import NUM_SQUARES

NUM_DIRECTIONS: Final = 10
UP, UP_LEFT, UP_RIGHT, LEFT, RIGHT, DOWN, DOWN_LEFT, DOWN_RIGHT, KNIGHT_LEFT, KNIGHT_RIGHT = range(NUM_DIRECTIONS)

PROMOTIONS: Final = 10
"""First of the ten planes of promoting moves, in the order of the ten directions."""
DROPS: Final = 20
"""First of the seven planes of drops, in `HAND_LETTERS` order."""
NUM_ACTION_PLANES: Final = 27
NUM_ACTIONS: Final = NUM_ACTION_PLANES * NUM_SQUARES
"""An action is `plane * 81 + destination`."""

MIRRORED_DIRECTION: Final = (
    UP, UP_RIGHT, UP_LEFT, RIGHT, LEFT, DOWN, DOWN_RIGHT, DOWN_LEFT, KNIGHT_RIGHT, KNIGHT_LEFT,
)  # fmt: skip


def mirror_square(square: int) -> int:
    """Returns the square on the same rank with files counted from the other side."""
    return (8 - square // 9) * 9 + square % 9


def mirror_action(action: int) -> int:
    """Returns the action that `action` becomes on the board mirrored left to right."""
    plane, destination = divmod(action, NUM_SQUARES)
    if plane < DROPS:
        promotion, direction = divmod(plane, NUM_DIRECTIONS)
        plane = promotion * NUM_DIRECTIONS + MIRRORED_DIRECTION[direction]
    return plane * NUM_SQUARES + mirror_square(destination)


MIRRORED_ACTIONS: Final[NDArray[np.int64]] = np.array([mirror_action(action) for action in range(NUM_ACTIONS)])
"""int64 [2187]; `mask[:, MIRRORED_ACTIONS]` is the mask of the mirrored positions."""
