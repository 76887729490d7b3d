"""What self-play hands to learning: T plies of B games, positions packed instead of planes.

Shape key: T plies, B games. Values at [t, b] are seen by the side to move there; rewards by the player who moved there.
"""

from typing import Self

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi import Ending, Positions

Float32Array = NDArray[np.float32]


@attrs.frozen(eq=False, kw_only=True)
class Rollout:
    """A rectangle of plies. Planes and masks are made again from `positions` when they are learned from."""

    positions: Positions
    """T * B positions, row t * B + b: before the ply was played."""
    learned: NDArray[np.bool_]
    """bool [T, B], where the network chose the action itself; False where an opponent from the pool did."""
    action: NDArray[np.int16]
    """int16 [T, B], the action played."""
    log_prob: Float32Array
    """float32 [T, B], its log-probability under the policy that acted."""
    reward: Float32Array
    """float32 [T, B], +1 / 0 / -1 from the rules; 0 where the game went on or was cut off."""
    ending: NDArray[np.uint8]
    """uint8 [T, B], `Ending` of the ply."""
    value: Float32Array
    """float32 [T + 1, B]; the last row belongs to the positions after the rollout."""
    cut_value: Float32Array
    """float32 [T, B], where a game was cut off: value of its last position, seen by the player then to move; else 0."""

    @classmethod
    def empty(cls, num_plies: int, num_games: int) -> Self:
        """Makes room for a rollout."""
        shape, longer = (num_plies, num_games), (num_plies + 1, num_games)
        return cls(
            positions=Positions.empty(num_plies * num_games),
            learned=np.ones(shape, np.bool_),
            action=np.zeros(shape, np.int16),
            log_prob=np.zeros(shape, np.float32),
            reward=np.zeros(shape, np.float32),
            ending=np.zeros(shape, np.uint8),
            value=np.zeros(longer, np.float32),
            cut_value=np.zeros(shape, np.float32),
        )

    @property
    def num_plies(self) -> int:
        """Plies in the rollout, T * B."""
        return self.action.size

    @property
    def num_bytes(self) -> int:
        """Memory of all arrays in bytes."""
        arrays = [*self.positions.arrays().values(), *(value for value in attrs.astuple(self, recurse=False)[1:])]
        return sum(array.nbytes for array in arrays)

    @property
    def was_cut(self) -> NDArray[np.bool_]:
        """bool [T, B], where the game was cut off for its length."""
        return np.equal(self.ending, Ending.MAX_PLIES)

    @property
    def went_on(self) -> NDArray[np.bool_]:
        """bool [T, B], where the game was not over after the ply."""
        return np.equal(self.ending, Ending.NONE)
