"""Counting positions below a position, the usual proof of a move generator."""

import numpy as np

from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.positions import Positions
from keisei_core.shogi.rules.perft import count_leaves
from keisei_core.shogi.rules.scratch import new_scratch


def perft(position: Positions, depth: int) -> int:
    """Counts the sequences of `depth` legal moves from one position (repetition and declaration do not end them).

    Raises:
        ValueError: Not one position, or `depth` below 1.
    """
    if len(position) != 1:
        raise ValueError(f"expected one position, got {len(position)}")
    if depth < 1:
        raise ValueError(f"depth must be >= 1, got {depth}")
    stack = Positions.empty(depth)
    stack[0:1] = position.with_history(0)
    legal = np.zeros(depth * NUM_ACTIONS, np.uint8)
    cursors = np.zeros(depth, np.int64)
    side = int(position.side_to_move[0])
    return int(
        count_leaves(stack.board.reshape(-1), stack.hands.reshape(-1), legal, cursors, side, depth, new_scratch())
    )
