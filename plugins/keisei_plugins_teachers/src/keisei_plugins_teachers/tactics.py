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
        places = self._drawn(len(rows), random)
        plies = sound_moves(segment.positions[rows[places]], options.margin, options.mate_weight)
        plies = plies if len(plies) == len(rows) else spread(plies, places, len(rows))
        if not options.side_mates:
            return Taught(plies=plies)
        beside = mates_beside(segment.positions_of(rows[places]), options.mate_weight, random)
        return Taught(plies=plies, beside=beside, share=options.side_mates)

    def _drawn(self, num_plies: int, random: np.random.Generator) -> NDArray[np.int64]:
        """Draws the plies that lessons are found for, in rising order; draws nothing where that is all of them."""
        size = max(1, round(self.options.plies * num_plies))
        if size == num_plies:
            return np.arange(num_plies)
        return np.sort(random.choice(num_plies, size, replace=False))


def sound_moves(positions: Positions, margin: int, mate_weight: float) -> Targets:
    """Finds the sound moves of every position; see `find_sound`."""
    packed, weight = [], []
    for first in range(0, len(positions), CHUNK):
        part = positions[first : first + CHUNK]
        found = find_sound(part, legal_mask(part), PIECE_VALUES, margin)
        packed.append(np.packbits(found.sound, axis=1))
        weight.append(np.where(found.has_mate, np.float32(mate_weight), np.float32(1)))
    return Targets(policy=MoveSets(packed=np.concatenate(packed)), weight=np.concatenate(weight))


def spread(found: Targets, places: NDArray[np.int64], num_plies: int) -> Targets:
    """Returns targets for all plies of which only some were looked at; these count for the others too.

    Args:
        found: of K plies, with sets of moves.
        places: int64 [K], which of the plies.
        num_plies: N.
    """
    assert isinstance(found.policy, MoveSets)
    packed = np.zeros((num_plies, found.policy.packed.shape[1]), np.uint8)
    weight = np.zeros(num_plies, np.float32)
    packed[places] = found.policy.packed
    weight[places] = found.weight * np.float32(num_plies / len(places))
    return Targets(policy=MoveSets(packed=packed), weight=weight)


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
