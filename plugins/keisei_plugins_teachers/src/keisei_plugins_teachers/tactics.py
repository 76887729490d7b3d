"""The teacher `tactics`: sound moves in the positions played, and mates in one beside the games.

It raises the policy's probability of all sound moves together: which of them is best is left to the algorithm.

Shape key: N positions of the segment.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.decide import Column
from keisei_core.experience import Segment
from keisei_core.learn import Lessons, MoveSets, Targets, Taught, TeacherContext, between
from keisei_core.shogi import PIECE_VALUES, Positions, find_mates, find_sound, legal_mask, random_sidelines
from keisei_plugins_teachers.options import TacticsOptions

CHUNK: Final = 1024
"""Positions looked at together, which bounds the memory that takes."""
SIDELINES: Final = 8
"""Random moves tried per position of the segment; of random games, one in a hundred has a mate in one after it."""


class Tactics:
    """Teaches what two plies show."""

    columns: tuple[Column, ...] = ()

    def __init__(self, context: TeacherContext, options: TacticsOptions) -> None:
        self.options = options

    def weight(self, progress: float) -> float:
        """Returns the weight of its loss; see `Teacher.weight`."""
        return between(self.options.weight, self.options.final_weight, progress)

    def teach(self, segment: Segment, rows: NDArray[np.int64], random: np.random.Generator) -> Taught:
        """Finds the sound moves of the plies, and mates beside them where the options ask for these."""
        options = self.options
        plies = sound_moves(segment.positions[rows], options.margin, options.mate_weight)
        if not options.side_mates:
            return Taught(plies=plies)
        beside = mates_beside(segment.positions_of(rows), options.mate_weight, random)
        return Taught(plies=plies, beside=beside, share=options.side_mates)


def sound_moves(positions: Positions, margin: int, mate_weight: float) -> Targets:
    """Finds the sound moves of every position; see `find_sound`."""
    packed, weight = [], []
    for first in range(0, len(positions), CHUNK):
        part = positions[first : first + CHUNK]
        found = find_sound(part, legal_mask(part), PIECE_VALUES, margin)
        packed.append(np.packbits(found.sound, axis=1))
        weight.append(np.where(found.has_mate, np.float32(mate_weight), np.float32(1)))
    return Targets(policy=MoveSets(packed=np.concatenate(packed)), weight=np.concatenate(weight))


def mates_beside(positions: Positions, mate_weight: float, random: np.random.Generator) -> Lessons:
    """Finds positions with a mate in one among those that are one random move away from given ones.

    After a random move there are more of them, and others, than in the games themselves, where both sides take care;
    and they are new ones for every segment.
    """
    found, packed = [], []
    for first in range(0, len(positions), CHUNK):
        part = positions[first : first + CHUNK]
        legal = legal_mask(part)
        for _ in range(SIDELINES):
            after, legal_after = random_sidelines(part, legal, random)
            mates = find_mates(after, legal_after)
            rows = np.flatnonzero(mates.any(axis=1))
            found.append(after[rows])
            packed.append(np.packbits(mates[rows], axis=1))
    gathered = Positions.concatenate(found)
    targets = Targets(
        policy=MoveSets(packed=np.concatenate(packed)), weight=np.full(len(gathered), mate_weight, np.float32)
    )
    return Lessons(positions=gathered, targets=targets)
