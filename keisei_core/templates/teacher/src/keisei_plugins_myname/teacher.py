"""Teaches to capture: where a move takes a piece, the policy's probability of all such moves together is raised.

Shape key: N positions, A = 2,187 actions, 81 squares.
"""

import numpy as np
from keisei_core.decide import Column
from keisei_core.experience import Segment
from keisei_core.learn import MoveSets, Targets, Taught, TeacherContext, between
from keisei_core.shogi import NUM_SQUARES, OPPONENT, Positions, legal_mask
from numpy.typing import NDArray

from keisei_plugins_myname.options import MynameOptions


class Myname:
    """A teacher that needs to know of a ply nothing but its position."""

    columns: tuple[Column, ...] = ()

    def __init__(self, context: TeacherContext, options: MynameOptions) -> None:
        self.options = options

    def weight(self, progress: float) -> float:
        """Returns what the loss is multiplied by; at 0 the teacher is not asked."""
        return between(self.options.weight, self.options.final_weight, progress)

    def teach(self, segment: Segment, rows: NDArray[np.int64], random: np.random.Generator) -> Taught:
        """Returns the captures of the plies asked about; draws from `random` alone, which checkpoints keep."""
        sets = captures(segment.positions[rows])
        is_taught = sets.any(axis=1) & (random.random(len(rows)) < self.options.share)
        return Taught(plies=Targets(policy=MoveSets.of(sets), weight=is_taught.astype(np.float32)))


def captures(positions: Positions) -> NDArray[np.bool_]:
    """Returns which legal actions take a piece, bool [N, A]: an action's destination is its remainder by 81."""
    theirs = positions.board > OPPONENT
    legal: NDArray[np.bool_] = legal_mask(positions).astype(np.bool_)
    return legal & np.tile(theirs, legal.shape[1] // NUM_SQUARES)
