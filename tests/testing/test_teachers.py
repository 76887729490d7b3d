"""The contract of teachers finds what is wrong on purpose, and nothing else."""

import attrs
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.decide import Column
from keisei_core.evaluate import MovePolicy
from keisei_core.experience import Segment
from keisei_core.learn import Lessons, MoveSets, MoveWeights, Targets, Taught, TeacherContext
from keisei_core.shogi import legal_mask
from keisei_core.testing import TEACHER_CHECKS, Outcome, TeacherUnderTest, failures, run_checks


class Good:
    """Teaches the legal move of the lowest number, a draw, and beside that any legal move in some of the plies."""

    def __init__(self, context: TeacherContext) -> None:
        self.columns: tuple[Column, ...] = (Column("value", np.float32),)

    def weight(self, progress: float) -> float:
        return 1 - progress

    def teach(self, segment: Segment, rows: NDArray[np.int64], random: np.random.Generator) -> Taught:
        positions = segment.positions[rows]
        some = positions[random.integers(len(rows), size=5)]
        policy = MoveSets.of(legal_mask(some))
        beside = Lessons(positions=some, targets=Targets(weight=np.ones(5, np.float32), policy=policy))
        return Taught(plies=self.targets(segment, rows), beside=beside, share=0.5)

    def targets(self, segment: Segment, rows: NDArray[np.int64]) -> Targets:
        first = legal_mask(segment.positions[rows]).argmax(axis=1)[:, None].astype(np.int16)
        return Targets(
            weight=np.ones(len(rows), np.float32),
            policy=MoveWeights(action=first, weight=np.ones(first.shape, np.float32)),
            value=segment.columns["value"].reshape(-1)[rows],
        )


class ListsColumns(Good):
    def __init__(self, context: TeacherContext) -> None:
        super().__init__(context)
        self.columns = list(self.columns)  # type: ignore[assignment]


class TurnsAgainstItself(Good):
    def weight(self, progress: float) -> float:
        return 0.5 - progress


class TeachesOneIllegalMove(Good):
    def targets(self, segment: Segment, rows: NDArray[np.int64]) -> Targets:
        targets = super().targets(segment, rows)
        assert isinstance(targets.policy, MoveWeights)
        illegal = legal_mask(segment.positions[rows]).argmin(axis=1)[:, None].astype(np.int16)
        return attrs.evolve(targets, policy=attrs.evolve(targets.policy, action=illegal))


class SharesNothingFinite(Good):
    def teach(self, segment: Segment, rows: NDArray[np.int64], random: np.random.Generator) -> Taught:
        return attrs.evolve(super().teach(segment, rows, random), share=float("inf"))


@attrs.frozen(eq=False, kw_only=True)
class Below(MoveWeights):
    """A distance below 0."""

    def loss(self, policy: MovePolicy) -> Tensor:
        return super().loss(policy) - 1e9


class TeachesAway(Good):
    def targets(self, segment: Segment, rows: NDArray[np.int64]) -> Targets:
        targets = super().targets(segment, rows)
        assert isinstance(targets.policy, MoveWeights)
        policy = Below(action=targets.policy.action, weight=targets.policy.weight)
        return attrs.evolve(targets, policy=policy)


class SortsPlies(Good):
    def targets(self, segment: Segment, rows: NDArray[np.int64]) -> Targets:
        values = np.linspace(-1, 1, len(rows), dtype=np.float32)
        return attrs.evolve(super().targets(segment, rows), value=values)


class CountsLessons(Good):
    """Every teacher begins with another lesson."""

    num_made = 0

    def __init__(self, context: TeacherContext) -> None:
        super().__init__(context)
        CountsLessons.num_made += 1
        self.number = CountsLessons.num_made

    def teach(self, segment: Segment, rows: NDArray[np.int64], random: np.random.Generator) -> Taught:
        random.random(self.number)
        return super().teach(segment, rows, random)


class ForgetsRepetition(Good):
    def teach(self, segment: Segment, rows: NDArray[np.int64], random: np.random.Generator) -> Taught:
        segment.columns["value"][:] = 0.5
        segment.positions.last_moves[:] = 0
        taught = super().teach(segment, rows, random)
        return attrs.evolve(taught, plies=taught.plies and attrs.evolve(taught.plies, value=None))


class DrawsFromTorch(Good):
    def __init__(self, context: TeacherContext) -> None:
        super().__init__(context)
        torch.nn.Linear(2, 2)


class LooksAsInPlay(Good):
    """Forgets to put the network back into the mode that it found."""

    def __init__(self, context: TeacherContext) -> None:
        super().__init__(context)
        self.evaluator = context.evaluator

    def teach(self, segment: Segment, rows: NDArray[np.int64], random: np.random.Generator) -> Taught:
        self.evaluator.network.eval()
        self.evaluator.value(segment.positions_of(rows))
        return super().teach(segment, rows, random)


class CountsPlies(Good):
    def teach(self, segment: Segment, rows: NDArray[np.int64], random: np.random.Generator) -> Taught:
        taught = super().teach(segment, rows, random)
        return attrs.evolve(taught, figures={"Plies taught": len(rows)})


BROKEN: dict[str, type[Good]] = {
    "columns_are_declared": ListsColumns,
    "weight_is_never_negative": TurnsAgainstItself,
    "targets_can_be_learned": TeachesOneIllegalMove,
    "share_is_a_share": SharesNothingFinite,
    "losses_are_finite": TeachesAway,
    "rows_are_answered_in_their_order": SortsPlies,
    "same_stream_gives_same_lessons": CountsLessons,
    "segment_is_left_alone": ForgetsRepetition,
    "other_random_streams_are_left_alone": DrawsFromTorch,
    "network_is_left_alone": LooksAsInPlay,
    "figures_are_finite": CountsPlies,
}


def test_good_teacher_passes_every_check() -> None:
    found = run_checks(TEACHER_CHECKS, TeacherUnderTest(make=Good))

    assert [finding.outcome for finding in found] == [Outcome.PASSED] * 11


def test_every_check_has_a_teacher_that_breaks_it() -> None:
    assert [f"check_{name}" for name in BROKEN] == [check.__name__ for check in TEACHER_CHECKS]


@pytest.mark.parametrize("check", BROKEN)
def test_wrong_teacher_breaks_just_its_check(check: str) -> None:
    assert list(failures(TEACHER_CHECKS, TeacherUnderTest(make=BROKEN[check]))) == [check]


def test_teacher_that_looks_at_all_plies_and_says_so_passes() -> None:
    found = run_checks(TEACHER_CHECKS, TeacherUnderTest(make=SortsPlies, row_by_row=False))

    assert [one.check for one in found if one.outcome is Outcome.NOT_ASKED] == ["rows_are_answered_in_their_order"]


def test_too_few_targets_are_found() -> None:
    class TeachesTheFirst(Good):
        def targets(self, segment: Segment, rows: NDArray[np.int64]) -> Targets:
            return super().targets(segment, rows)[:1]

    found = failures(TEACHER_CHECKS, TeacherUnderTest(make=TeachesTheFirst))

    assert "targets for 128 positions, got 1" in str(found["targets_can_be_learned"])
