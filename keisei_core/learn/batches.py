"""Minibatches of a segment: which plies, in which order, what the network sees of them, and what is taught along.

Shape key: T plies, B games, N plies learned from, M plies of a minibatch, L positions beside.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.distribution import DistributionBackend
from keisei_core.experience import Segment
from keisei_core.learn.batch import Batch
from keisei_core.learn.lessons import concatenated
from keisei_core.learn.seen import Seen, Sight
from keisei_core.learn.teaching import Lesson, Teaching
from keisei_core.observe import FeatureSet


@attrs.frozen(eq=False, kw_only=True)
class Plan:
    """Which plies and which positions beside a minibatch has."""

    chosen: NDArray[np.int64]
    """int64 [M], which of the plies learned from."""
    drawn: Sequence[NDArray[np.int64] | None]
    """By lesson: int64 [L], which of its positions beside."""


@attrs.frozen(eq=False)
class Course:
    """The plies of one update and what is taught along with them."""

    segment: Segment
    rows: NDArray[np.int64]
    """int64 [N], the plies learned from."""
    lessons: Sequence[Lesson]
    sight: Sight

    def plan(self, chosen: NDArray[np.int64], random: np.random.Generator) -> Plan:
        """Draws what a minibatch of these plies, int64 [M], has beside them."""
        return Plan(chosen=chosen, drawn=[lesson.draw(len(chosen), random) for lesson in self.lessons])

    def parts(self) -> list[Seen]:
        """Returns what is seen of all plies, and of all positions beside, lesson by lesson."""
        beside = [lesson.taught.beside.positions for lesson in self.lessons if lesson.taught.beside is not None]
        return [self.sight.of(positions) for positions in (self.segment.positions_of(self.rows), *beside)]

    @property
    def num_positions(self) -> int:
        """How many positions `parts` would show."""
        beside = [lesson.taught.beside for lesson in self.lessons]
        return len(self.rows) + sum(len(lessons) for lessons in beside if lessons is not None)

    def batch(self, plan: Plan) -> Batch:
        """Makes a minibatch: its positions are taken out of the segment and encoded."""
        positions = [self.segment.positions_of(self.rows[plan.chosen])]
        for lesson, drawn in zip(self.lessons, plan.drawn, strict=True):
            if drawn is not None and lesson.taught.beside is not None:
                positions.append(lesson.taught.beside.positions[drawn])
        return self._batch(plan, self.sight.of(concatenated(positions)))

    def batch_of(self, parts: Sequence[Seen], plan: Plan) -> Batch:
        """Makes the same minibatch of what is on the device already, see `parts`."""
        beside = iter(parts[1:])
        seen = [parts[0][plan.chosen]]
        for lesson, drawn in zip(self.lessons, plan.drawn, strict=True):
            if lesson.taught.beside is not None:
                part = next(beside)
                seen += [] if drawn is None else [part[drawn]]
        return self._batch(plan, Seen.concatenate(seen))

    def _batch(self, plan: Plan, seen: Seen) -> Batch:
        first, lectures = len(plan.chosen), []
        for lesson, drawn in zip(self.lessons, plan.drawn, strict=True):
            lectures.append(lesson.lecture(plan.chosen, drawn, first))
            first += 0 if drawn is None else len(drawn)
        return Batch.of_seen(self.segment, self.rows[plan.chosen], seen, lectures)


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
        num_doublings: int = 0,
        seed: int,
    ) -> None:
        """Begins a stream of random orders.

        Args:
            features: the planes of the network.
            teaching: what is taught along.
            backend: asked for the smallest number of plies of any process.
            device: where minibatches go.
            size: M, plies of a minibatch in this process, at the start of the run.
            num_doublings: how often it doubles in the course of the run.
            seed: of the order of plies, and of what is taught beside.
        """
        self.features = features
        self.teaching = teaching
        self.backend = backend
        self.device = device
        self.sight = Sight(features, device, backend.local_world_size)
        self.size = size
        self.num_doublings = num_doublings
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
        size = max(min(self.size_at(progress), num_plies), 1)
        lessons = self.teaching.prepare(segment, rows, progress, self.order)
        self.teaching.agree(lessons, self.backend)
        course = Course(segment, rows, lessons, self.sight)
        is_kept = self.sight.has_room_for(course.num_positions)
        make = partial(course.batch_of, course.parts()) if is_kept else course.batch
        for _ in range(num_epochs):
            order = self.order.permutation(len(rows))
            starts = range(0, num_plies - size + 1, size)
            # All drawn before any is made: to make one ahead of time then takes nothing from the stream.
            plans = [course.plan(order[start : start + size], self.order) for start in starts]
            yield from map(make, plans) if self.device.type == "cpu" else ahead(make, plans, self.device)

    def size_at(self, progress: float) -> int:
        """Returns M at a progress of 0 to 1: it doubles after equal shares of the run."""
        num_doublings = min(int(progress * (self.num_doublings + 1)), self.num_doublings)
        return self.size << num_doublings

    def batch(self, segment: Segment, rows: NDArray[np.int64]) -> Batch:
        """Makes a minibatch of plies in which nothing is taught along.

        Args:
            segment: read only.
            rows: int64 [M], the plies.
        """
        return Batch.of_seen(segment, rows, self.sight.of(segment.positions_of(rows)))

    def _fewest(self, count: int) -> int:
        """Returns the smallest count of any process, so that all make as many steps."""
        counts = torch.zeros(self.backend.world_size, dtype=torch.int64, device=self.device)
        counts[self.backend.rank] = count
        return int(self.backend.sum(counts).min())


def ahead(make: Callable[[Plan], Batch], plans: Iterable[Plan], device: torch.device) -> Iterator[Batch]:
    """Makes each minibatch in a thread while the one before it is learned from.

    Args:
        make: makes one of a plan.
        plans: of all minibatches, in order.
        device: the GPU that the thread works with: a new thread begins with the machine's first.
    """
    begin = None if device.index is None else partial(torch.cuda.set_device, device)
    with ThreadPoolExecutor(1, thread_name_prefix="keisei-batches", initializer=begin) as worker:
        coming: Future[Batch] | None = None
        for plan in plans:
            following = worker.submit(make, plan)
            if coming is not None:
                yield coming.result()
            coming = following
        if coming is not None:
            yield coming.result()
