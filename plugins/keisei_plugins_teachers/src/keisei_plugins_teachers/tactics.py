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
from keisei_core.shogi import NUM_ACTIONS, PIECE_VALUES, Positions, find_sound, legal_mask, mates_beside
from keisei_plugins_teachers.options import TacticsOptions

CHUNK: Final = 1024
"""Positions looked at together, which bounds the memory that takes."""
SIDELINES: Final = 8
"""Random moves tried per position of the segment; of random games, one in a hundred has a mate in one after it."""


class Tactics:
    """Teaches what hangs and what mates."""

    columns: tuple[Column, ...] = ()

    def __init__(self, context: TeacherContext, options: TacticsOptions) -> None:
        self.options = options

    def weight(self, progress: float) -> float:
        """Returns the weight of its loss; see `Teacher.weight`."""
        return between(self.options.weight, self.options.final_weight, progress)

    def teach(self, segment: Segment, rows: NDArray[np.int64], random: np.random.Generator) -> Taught:
        """Finds the sound moves of the plies, and mates beside them where the options ask for these."""
        options = self.options
        drawn = self._drawn(len(rows), random)
        study = SoundMoves(segment, rows, drawn, options)
        if not options.side_mates:
            return Taught(study=study)
        beside = lessons_beside(segment.positions_of(rows[drawn]), options.mate_weight, random)
        return Taught(study=study, beside=beside, share=options.side_mates)

    def _drawn(self, num_plies: int, random: np.random.Generator) -> NDArray[np.int64]:
        """Draws the plies that lessons are found for, in rising order; draws nothing where that is all of them."""
        size = max(1, round(self.options.plies * num_plies))
        if size == num_plies:
            return np.arange(num_plies)
        return np.sort(random.choice(num_plies, size, replace=False))


class SoundMoves:
    """The sound moves of the plies of a segment, each found when it is first asked about."""

    def __init__(
        self, segment: Segment, rows: NDArray[np.int64], drawn: NDArray[np.int64], options: TacticsOptions
    ) -> None:
        """Finds nothing yet.

        Args:
            segment: read only.
            rows: int64 [N], the plies asked about.
            drawn: int64, which of them are looked at; they count for the others too.
            options: of the teacher.
        """
        self.segment = segment
        self.rows = rows
        self.options = options
        self.counts = np.zeros(len(rows), np.float32)
        self.counts[drawn] = len(rows) / len(drawn)
        self.is_known = self.counts == 0
        self.weight = np.zeros(len(rows), np.float32)
        self.packed = np.zeros((len(rows), (NUM_ACTIONS + 7) // 8), np.uint8)

    def __call__(self, chosen: NDArray[np.int64]) -> Targets:
        """Returns the targets of some of the plies, int64 [M]; see `keisei_core.learn.Study`."""
        unknown = np.unique(chosen[~self.is_known[chosen]])
        if len(unknown):
            positions = self.segment.positions[self.rows[unknown]]
            self.packed[unknown], weight = sound_moves(positions, self.options.margin, self.options.mate_weight)
            self.weight[unknown] = weight * self.counts[unknown]
            self.is_known[unknown] = True
        return Targets(policy=MoveSets(packed=self.packed[chosen]), weight=self.weight[chosen])


def sound_moves(positions: Positions, margin: int, mate_weight: float) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Finds the sound moves of every position, see `find_sound`: packed as in `MoveSets`, and how much each counts."""
    packed, weight = [], []
    for first in range(0, len(positions), CHUNK):
        part = positions[first : first + CHUNK]
        found = find_sound(part, legal_mask(part), PIECE_VALUES, margin)
        packed.append(np.packbits(found.sound, axis=1))
        weight.append(np.where(found.has_mate, np.float32(mate_weight), np.float32(1)))
    return np.concatenate(packed), np.concatenate(weight)


def lessons_beside(positions: Positions, mate_weight: float, random: np.random.Generator) -> Lessons:
    """Finds positions with a mate in one among those that are one random move away from given ones.

    After a random move there are more of them, and others, than in the games themselves, where both sides take care;
    and they are new ones for every segment.
    """
    found, packed = [], []
    for first in range(0, len(positions), CHUNK):
        after, mates = mates_beside(positions[first : first + CHUNK], SIDELINES, random)
        found.append(after)
        packed.append(np.packbits(mates, axis=1))
    gathered = Positions.concatenate(found)
    targets = Targets(
        policy=MoveSets(packed=np.concatenate(packed)), weight=np.full(len(gathered), mate_weight, np.float32)
    )
    return Lessons(positions=gathered, targets=targets)
