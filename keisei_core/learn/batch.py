"""One minibatch of a segment, on the device of the network.

Shape key: T plies, B games, M plies of a minibatch, L positions beside, C channels, K legal moves of the position that
has most, A = 2,187.
"""

from collections.abc import Sequence
from typing import Any

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.experience import Segment
from keisei_core.learn.seen import Seen
from keisei_core.learn.teaching import Lecture
from keisei_core.shogi import Positions


@attrs.frozen(eq=False, kw_only=True)
class Batch:
    """M plies of a segment on the device of the network, and L positions in which moves are only taught."""

    segment: Segment
    rows: NDArray[np.int64]
    """int64 [M], the plies t * B + b."""
    planes: Tensor
    """uint8 [M + L, C, 9, 9], the plies first."""
    material: Tensor
    """float32 [M + L], the mover's balance in pawns."""
    moves: Tensor
    """int16 [M + L, K], the legal actions in rising order, then A in each row that has fewer than K."""
    lectures: Sequence[Lecture] = ()

    @classmethod
    def of_seen(
        cls, segment: Segment, rows: NDArray[np.int64], seen: Seen, lectures: Sequence[Lecture] = ()
    ) -> "Batch":
        """Makes a minibatch of rows of a segment of what is seen of them, and of M + L positions in all."""
        return cls(
            segment=segment,
            rows=rows,
            planes=seen.planes,
            material=seen.material,
            moves=seen.moves,
            lectures=lectures,
        )

    @property
    def num_plies(self) -> int:
        """M."""
        return len(self.rows)

    @property
    def positions(self) -> Positions:
        """The M positions, with their history."""
        return self.segment.positions_of(self.rows)

    @property
    def action(self) -> Tensor:
        """int64 [M], the actions played."""
        return self.of(self.segment.action.astype(np.int64))

    @property
    def result(self) -> Tensor:
        """float32 [M], +1, 0 or -1 for the side to move; nan where the game did not end by the rules in the segment."""
        return self.of(self.segment.outcomes.result)

    @property
    def plies_left(self) -> Tensor:
        """int64 [M], plies of the game from this one on, itself included; -1 where its end is not in the segment."""
        return self.of(self.segment.outcomes.plies_left.astype(np.int64))

    @property
    def next_action(self) -> Tensor:
        """int64 [M], what was played one ply later, as the mover then sees it; -1 where that is not known."""
        return self.of(self.segment.outcomes.next_action.astype(np.int64))

    def column(self, name: str) -> Tensor:
        """Returns what the decider told of the plies, [M, *shape]."""
        return self.of(self.segment.columns[name])

    def of(self, array: NDArray[Any]) -> Tensor:
        """Returns the plies' rows of anything that is known of a whole segment: [T, B, *shape] becomes [M, *shape]."""
        by_ply = array.reshape(-1, *array.shape[2:])
        return torch.from_numpy(by_ply[self.rows]).to(self.planes.device, non_blocking=True)
