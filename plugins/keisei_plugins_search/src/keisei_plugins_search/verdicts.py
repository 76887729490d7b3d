"""What is known of new positions without the network: ends of games, repetitions, mates."""

from typing import Final

import numpy as np

from keisei_core.shogi import Ending, UInt8Array
from keisei_core.shogi.compile import kernel, signed
from keisei_plugins_search.nodes import NOBODY, OPEN, OVER, Leaves, Nodes

REWARDS: Final = np.array([2 * ending.points - 1 for ending in Ending])
"""float64 [8], by `Ending`: what the end is worth to who just moved."""
NONE: Final = int(Ending.NONE)
MAX_PLIES: Final = int(Ending.MAX_PLIES)


@kernel
def judge(
    nodes: Nodes, leaves: Leaves, ending: UInt8Array, recurrence: UInt8Array, mates: UInt8Array, discount: float
) -> int:
    """Notes what is known of new nodes; returns the number of those about which the network must be asked.

    A position that stood before ends the line as going in circles would: with a draw, or lost for who gives perpetual
    check. That is a judgement, not a proof: who plays there may still do something else the next time.

    Args:
        nodes: changed in place.
        leaves: the new nodes; `worth` and `asked` are overwritten.
        ending, recurrence: uint8 [G * P], of their branches.
        mates: uint8 [G * P], in how many plies the mover is known to mate, 1 or more; else 0.
        discount: of a value per ply.
    """
    num_asked = signed(0)
    for place in range(len(leaves.row)):
        row, leaves.asked[place] = signed(leaves.row[place]), NOBODY
        if row < 0:
            continue
        how = ending[place] if ending[place] != NONE else recurrence[place]
        goes_on = how == NONE and not mates[place]
        nodes.state[row] = OPEN if goes_on else OVER
        nodes.proven[row] = 1 if mates[place] else -REWARDS[ending[place]]
        nodes.plies_left[row] = mates[place]
        leaves.worth[place] = -(discount ** signed(mates[place])) if mates[place] else REWARDS[how]
        if goes_on or ending[place] == MAX_PLIES:
            leaves.asked[place] = num_asked
            num_asked += 1
    return num_asked
