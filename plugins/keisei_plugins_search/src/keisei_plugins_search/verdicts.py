"""What is known of new positions without the network: ends of games, repetitions, mates in one.

Shape key: L positions.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi import Branches, Ending, find_mates
from keisei_plugins_search.nodes import OPEN, OVER, Float64Array, Int8Array, Int16Array

REWARDS: Final = np.array([2 * ending.points - 1 for ending in Ending])
"""float64 [7], by `Ending`: what the end is worth to who just moved."""


class Verdicts(NamedTuple):
    """What is known of L positions."""

    state: NDArray[np.uint8]
    """uint8 [L], of their nodes: `OPEN` where play goes on, else `OVER`."""
    worth: Float64Array
    """float64 [L], of the move that led there, for who made it; 0 where the network is asked."""
    proven: Int8Array
    """int8 [L], as nodes have it."""
    plies_left: Int16Array
    """int16 [L], as nodes have it."""
    is_asked: NDArray[np.bool_]
    """bool [L], where only the network can say what the position is worth."""


def judge(leaves: Branches, num_leaves: int, discount: float) -> Verdicts:
    """Judges the first L branches, each of which has just played.

    A position that stood before ends the line as going in circles would: with a draw, or lost for who gives perpetual
    check. That is a judgement, not a proof: who plays there may still do something else the next time.
    """
    ending, rows = leaves.ending[:num_leaves], slice(num_leaves)
    how = np.where(ending == Ending.NONE, leaves.recurrence[rows], ending)
    worth, result = REWARDS[how], REWARDS[ending]
    goes_on = how == Ending.NONE
    mates = goes_on & find_mates(leaves.positions[rows], leaves.legal[rows]).any(axis=1)
    return Verdicts(
        state=np.where(goes_on & ~mates, OPEN, OVER).astype(np.uint8),
        worth=np.where(mates, -discount, worth),
        proven=np.where(mates, 1, -result).astype(np.int8),
        plies_left=mates.astype(np.int16),
        is_asked=(goes_on & ~mates) | (ending == Ending.MAX_PLIES),
    )
