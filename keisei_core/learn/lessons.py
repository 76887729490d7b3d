"""What is taught along with a rollout: sound moves in its positions, and mates in one beside its games.

Shape key: N positions of the rollout, L lessons, A = 2,187 actions.
"""

from collections.abc import Sequence
from typing import Self

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.learn.tactics import find_sound
from keisei_core.shogi import NUM_ACTIONS, Positions, UInt8Array, find_mates, legal_mask, random_sidelines
from keisei_core.shogi.positions import Rows

CHUNK = 1024
"""Positions looked at together, which bounds the memory that takes."""
SIDELINES = 8
"""Random moves tried per position of the rollout; of random games, one in a hundred has a mate in one after it."""


@attrs.frozen(eq=False, kw_only=True)
class Lessons:
    """Positions, the moves to be played there and how much each counts."""

    positions: Positions
    """L positions."""
    packed: UInt8Array
    """uint8 [L, 274], bit a of a row set where action a is to be played."""
    weight: NDArray[np.float32]
    """float32 [L]."""

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """Joins lessons in order; at least one part."""
        return cls(
            positions=Positions.concatenate([part.positions for part in parts]),
            packed=np.concatenate([part.packed for part in parts]),
            weight=np.concatenate([part.weight for part in parts]),
        )

    def __len__(self) -> int:
        return len(self.weight)

    def __getitem__(self, rows: Rows) -> Self:
        """Selects lessons."""
        return attrs.evolve(self, positions=self.positions[rows], packed=self.packed[rows], weight=self.weight[rows])

    @property
    def sound(self) -> NDArray[np.bool_]:
        """bool [L, A], the moves to be played."""
        return np.unpackbits(self.packed, axis=1, count=NUM_ACTIONS).view(np.bool_)


def lessons_on(positions: Positions, margin: int, mate_weight: float) -> Lessons:
    """Finds the sound moves of every position; see `find_sound`."""
    packed, weight = [], []
    for first in range(0, len(positions), CHUNK):
        part = positions[first : first + CHUNK]
        found = find_sound(part, legal_mask(part), margin)
        packed.append(np.packbits(found.sound, axis=1))
        weight.append(np.where(found.has_mate, np.float32(mate_weight), np.float32(1)))
    return Lessons(positions=positions, packed=np.concatenate(packed), weight=np.concatenate(weight))


def mates_beside(positions: Positions, mate_weight: float, random: np.random.Generator) -> Lessons:
    """Finds positions with a mate in one among those that are one random move away from given ones.

    After a random move there are more of them, and others, than in the games themselves, where both sides take care;
    and they are new ones for every rollout.
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
    return Lessons(
        positions=gathered,
        packed=np.concatenate(packed),
        weight=np.full(len(gathered), mate_weight, np.float32),
    )
