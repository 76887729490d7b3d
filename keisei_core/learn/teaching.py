"""All teachers of a run: what each makes of a segment, and its part of a minibatch's loss.

Shape key: M plies of a minibatch, L positions beside them.
"""

import math
from collections.abc import Mapping, Sequence

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.distribution import DistributionBackend
from keisei_core.errors import PluginError
from keisei_core.evaluate import MovePolicy
from keisei_core.experience import Segment
from keisei_core.learn.lessons import Lessons, PolicyTarget, Targets
from keisei_core.learn.teacher import Study, Taught, Teacher
from keisei_core.shogi import Positions, legal_mask

CHUNK = 1024
"""Positions whose targets are checked together, which bounds the memory that takes."""


@attrs.frozen(eq=False)
class Lecturer:
    """A teacher of the run under its name."""

    name: str
    owner: str
    """Package and version, for what is said of wrong targets."""
    teacher: Teacher

    def teach(self, segment: Segment, rows: NDArray[np.int64], random: np.random.Generator) -> Taught:
        """Asks the teacher, and checks what it says.

        Raises:
            PluginError: targets or figures are not finite, targets are illegal or not as many as there should be, or
                positions beside come with fewer earlier ones than planes ask for.
        """
        taught = self.teacher.teach(segment, rows, random)
        if not isinstance(taught, Taught):
            raise self._fault(f"what it has Taught, got {type(taught).__name__}")
        for name, figure in taught.figures.items():
            if not math.isfinite(figure):
                raise self._fault(f"figures that are finite, got {figure} for {name}")
        if taught.plies is not None:
            self._check(taught.plies, segment.positions[rows])
        if taught.study is not None:
            taught = attrs.evolve(taught, study=self._checked(taught.study, segment, rows))
        if taught.beside is not None:
            self._check(taught.beside.targets, taught.beside.positions)
            return attrs.evolve(taught, beside=self._with_history(taught.beside, segment.num_earlier))
        return taught

    def _checked(self, study: Study, segment: Segment, rows: NDArray[np.int64]) -> Study:
        """Returns a study whose targets are checked when they are found."""

        def checked(chosen: NDArray[np.int64]) -> Targets:
            targets = study(chosen)
            self._check(targets, segment.positions[rows[chosen]])
            return targets

        return checked

    def _with_history(self, lessons: Lessons, num_earlier: int) -> Lessons:
        """Returns the lessons with as many earlier positions as the segment's plies have."""
        positions = lessons.positions
        if positions.num_earlier < num_earlier:
            raise self._fault(
                f"positions beside with {num_earlier} earlier ones each, got {positions.num_earlier}; derive them from "
                "segment.positions_of(rows), or say positions.with_history(segment.num_earlier) where they have no past"
            )
        return attrs.evolve(lessons, positions=positions.with_history(num_earlier))

    def _check(self, targets: Targets, positions: Positions) -> None:
        if len(targets) != len(positions):
            raise self._fault(f"targets for {len(positions)} positions, got {len(targets)}")
        for first in range(0, len(positions), CHUNK):
            part = slice(first, first + CHUNK)
            problem = targets[part].problem(legal_mask(positions[part]).view(np.bool_))
            if problem:
                raise self._fault(problem)

    def _fault(self, text: str) -> PluginError:
        return PluginError(f"teacher {self.name!r} of {self.owner} must give {text}")


@attrs.frozen(eq=False)
class Lecture:
    """What one teacher teaches along with one minibatch."""

    name: str
    weight: float
    plies: Targets | None
    """M rows."""
    beside: Targets | None
    """L rows, positions that stand after those of the lectures before."""
    first: int
    """At which row of the batch its positions beside begin."""
    figures: Mapping[str, float] = attrs.field(factory=dict)
    """What the teacher told of the segment."""

    def loss(self, policy: MovePolicy, value: Tensor, num_plies: int) -> tuple[Tensor, dict[str, Tensor]]:
        """Returns its part of the loss, a mean over the positions that it teaches in, and figures.

        What is said of policy and value is of the plies alone: another process may have found no lessons beside them,
        and all have to add up the same figures.

        Args:
            policy: of all rows of the batch.
            value: float32 [rows of the batch].
            num_plies: M.
        """
        parts = []
        if self.plies is not None:
            parts.append((self.plies, slice(num_plies)))
        if self.beside is not None:
            parts.append((self.beside, slice(self.first, self.first + len(self.beside))))
        total, count = value.new_zeros(()), 0
        figures = {f"{self.name}_{name}": value.new_full((), figure) for name, figure in self.figures.items()}
        for targets, rows in parts:
            if targets.policy is not None:
                distance, counts = distances(targets, targets.policy, policy[rows])
                total = total + (counts * distance).sum()
                seen = distance.detach() if len(distance) else distance.new_zeros(1)
                end, figure = targets.policy.figure(seen)
                figures |= {f"{self.name}_{end}": figure} if targets is self.plies else {}
            if targets.value is not None:
                counts = on_device(targets.weight if targets.value_weight is None else targets.value_weight, value)
                error = value[rows] - on_device(targets.value, value)
                total = total + (counts * error.square() / 2).sum()
                seen = (counts * error.detach().square()).sum() / counts.sum().clamp(min=1e-9)
                figures |= {f"{self.name}_value_error": seen} if targets is self.plies else {}
            count += len(targets)
        mean = total / max(count, 1)
        return self.weight * mean, {**figures, f"{self.name}_loss": mean.detach()}


@attrs.frozen(eq=False)
class Lesson:
    """What a teacher made of one segment, with its weight in this update."""

    name: str
    weight: float
    taught: Taught

    @property
    def kinds(self) -> tuple[int, int]:
        """Which target of the plies' policy there is, 0 none, and whether there is one of their value."""
        plies = self.taught.of_plies(np.zeros(1, np.int64))
        if plies is None:
            return 0, 0
        policy = 0 if plies.policy is None else sum(map(ord, type(plies.policy).__name__))
        return policy, int(plies.value is not None)

    def draw(self, num_plies: int, random: np.random.Generator) -> NDArray[np.int64] | None:
        """Draws which of its positions beside a minibatch gets, int64 [L]; None where it has none.

        Args:
            num_plies: M.
            random: consumed where there are positions.
        """
        beside, share = self.taught.beside, self.taught.share
        if beside is None or not len(beside) or not share:
            return None
        return random.integers(len(beside), size=max(1, round(share * num_plies)))

    def lecture(self, chosen: NDArray[np.int64], drawn: NDArray[np.int64] | None, first: int) -> Lecture:
        """Returns the part for one minibatch.

        Args:
            chosen: int64 [M], which of the plies asked about the minibatch has.
            drawn: see `draw`.
            first: rows of the batch before its own.
        """
        taught = self.taught
        beside = None if drawn is None or taught.beside is None else taught.beside.targets[drawn]
        plies = taught.of_plies(chosen)
        return Lecture(self.name, self.weight, plies, beside, first, taught.figures)


class Teaching:
    """The teachers of a run, in their order."""

    def __init__(self, lecturers: Sequence[Lecturer]) -> None:
        self.lecturers = tuple(lecturers)

    def prepare(
        self, segment: Segment, rows: NDArray[np.int64], progress: float, random: np.random.Generator
    ) -> list[Lesson]:
        """Asks every teacher that has not retired about a segment.

        Args:
            segment: read only.
            rows: int64 [N], the plies that are learned from.
            progress: 0 to 1.
            random: consumed.

        Raises:
            PluginError: a teacher gives targets that can't be learned.
        """
        lessons = []
        for lecturer in self.lecturers:
            weight = lecturer.teacher.weight(progress)
            if weight:
                lessons.append(Lesson(lecturer.name, weight, lecturer.teach(segment, rows, random)))
        return lessons

    def agree(self, lessons: Sequence[Lesson], backend: DistributionBackend) -> None:
        """Makes sure that all processes teach the same kinds of targets of plies, whose figures they add up.

        Raises:
            PluginError: a teacher has targets of plies in one process and none, or others, in another.
        """
        kinds = [kind for lesson in lessons for kind in lesson.kinds]
        if not kinds:
            return
        own = torch.tensor(kinds, dtype=torch.int64, device=backend.device)
        if backend.any(bool((backend.sum(own.clone()) != own * backend.world_size).any())):
            names = ", ".join(lesson.name for lesson in lessons)
            raise PluginError(f"teachers {names} must teach the same kinds of targets in every process")


def distances(targets: Targets, wanted: PolicyTarget, policy: MovePolicy) -> tuple[Tensor, Tensor]:
    """Returns how far the policy is from its target where that counts, and how much, float32 [K] each.

    Positions of weight 0 are left out before anything is computed: their target may be empty and its distance infinite,
    and nothing that infinity was in comes back as a gradient of 0.

    Args:
        targets: of N positions.
        wanted: theirs.
        policy: the network's in the N positions.
    """
    counts = on_device(targets.weight, policy.log_probs)
    taught = np.flatnonzero(targets.weight)
    if len(taught) == len(targets):
        return wanted.loss(policy), counts
    rows = torch.from_numpy(taught).to(counts.device, non_blocking=True)
    return wanted[taught].loss(policy[rows]), counts[rows]


def on_device(array: NDArray[np.float32], like: Tensor) -> Tensor:
    """Returns an array as float32 where a tensor is."""
    return torch.from_numpy(array).to(like.device, torch.float32, non_blocking=True)
