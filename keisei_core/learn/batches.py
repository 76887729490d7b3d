"""Minibatches of a segment: which plies, in which order, their planes on the device, and what is taught along.

Shape key: T plies, B games, N plies learned from, M plies of a minibatch, L positions beside, C channels, K legal
moves of the position that has most, A = 2,187.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.distribution import DistributionBackend
from keisei_core.experience import Segment
from keisei_core.learn.lessons import concatenated
from keisei_core.learn.teaching import Lecture, Teaching
from keisei_core.observe import FeatureSet
from keisei_core.shogi import Positions, legal_moves, material


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


class Batches:
    """Makes minibatches, the same number of them in every process."""

    def __init__(
        self,
        features: FeatureSet,
        teaching: Teaching,
        backend: DistributionBackend,
        *,
        device: torch.device,
        size: int,
        seed: int,
    ) -> None:
        """Begins a stream of random orders.

        Args:
            features: the planes of the network.
            teaching: what is taught along.
            backend: asked for the smallest number of plies of any process.
            device: where minibatches go.
            size: M, plies of a minibatch in this process.
            seed: of the order of plies, and of what is taught beside.
        """
        self.features = features
        self.teaching = teaching
        self.backend = backend
        self.device = device
        self.size = size
        self.order = np.random.default_rng(seed)

    def epochs(self, segment: Segment, progress: float, *, num_epochs: int = 1) -> Iterator[Batch]:
        """Yields every ply that counts once per epoch, in random order; what an epoch has left over is left out.

        Args:
            segment: read only; plies of opponents from the pool do not count.
            progress: 0 to 1, which teachers' weights follow.
            num_epochs: passes over the segment.

        Raises:
            PluginError: a teacher gives targets that can't be learned.
        """
        rows = np.flatnonzero(segment.learned)
        num_plies = self._fewest(len(rows))
        if not num_plies:
            return
        size = max(min(self.size, num_plies), 1)
        lessons = self.teaching.prepare(segment, rows, progress, self.order)
        self.teaching.agree(lessons, self.backend)
        for _ in range(num_epochs):
            order = self.order.permutation(len(rows))
            for start in range(0, num_plies - size + 1, size):
                chosen = order[start : start + size]
                lectures, positions = [], [segment.positions_of(rows[chosen])]
                for lesson in lessons:
                    lecture, beside = lesson.draw(chosen, sum(map(len, positions)), self.order)
                    lectures.append(lecture)
                    positions += beside
                yield self.batch(segment, rows[chosen], concatenated(positions), lectures)

    def batch(
        self,
        segment: Segment,
        rows: NDArray[np.int64],
        positions: Positions | None = None,
        lectures: Sequence[Lecture] = (),
    ) -> Batch:
        """Makes planes and masks again from stored positions and moves everything to the device.

        Args:
            segment: read only.
            rows: int64 [M], the plies.
            positions: M + L positions, those of the plies first; only theirs if not given.
            lectures: what is taught in them.
        """
        if positions is None:
            positions = segment.positions_of(rows)
        return Batch(
            segment=segment,
            rows=rows,
            planes=self._on_device(self.features.encode(positions)),
            material=self._on_device(material(positions)),
            moves=self._on_device(legal_moves(positions)),
            lectures=lectures,
        )

    def _on_device(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(array).to(self.device, non_blocking=True)

    def _fewest(self, count: int) -> int:
        """Returns the smallest count of any process, so that all make as many steps."""
        counts = torch.zeros(self.backend.world_size, dtype=torch.int64, device=self.device)
        counts[self.backend.rank] = count
        return int(self.backend.sum(counts).min())
