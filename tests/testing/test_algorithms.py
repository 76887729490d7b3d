"""The contract of algorithms finds what is wrong on purpose, and nothing else."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from torch import Tensor

from keisei_core.decide import Column
from keisei_core.distribution import never
from keisei_core.experience import Segment
from keisei_core.learn import AlgorithmContext, Batch, Outputs, Report
from keisei_core.shogi import Ending
from keisei_core.testing import ALGORITHM_CHECKS, AlgorithmUnderTest, Outcome, failures, run_checks

Arrays = dict[str, np.ndarray]
Stop = Callable[[], bool]


class Good:
    """Learns from the results of games that ended, as far as they differ from what it has seen so far."""

    columns: tuple[Column, ...] = (Column("value", np.float32),)

    def __init__(self, context: AlgorithmContext) -> None:
        self.context = context
        self.spread, self.updates = np.ones(1, np.float32), 0

    def learn(self, segment: Segment, progress: float, stop: Stop) -> Report:
        report, result = Report(), self.results(segment)
        self.spread, self.updates = 0.9 * self.spread + 0.1 * result.std(), self.updates + 1
        advantage = (result - segment.columns["value"]) / self.spread
        for batch in self.batches(segment, progress):
            outputs = self.context.steps.evaluate(batch)
            loss, figures = self.loss(outputs, batch.of(result), batch.of(advantage))
            self.take(outputs, loss, figures, stop, report)
        return report

    def results(self, segment: Segment) -> np.ndarray:
        return np.nan_to_num(segment.outcomes.result)

    def batches(self, segment: Segment, progress: float) -> Iterator[Batch]:
        return self.context.batches.epochs(segment, progress)

    def loss(self, outputs: Outputs, result: Tensor, advantage: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        chosen = outputs.policy.log_prob(outputs.batch.action)
        policy_loss = -(advantage * chosen).mean()
        value_loss = (outputs.value - result).square().mean()
        return policy_loss + value_loss, {"policy_loss": policy_loss.detach(), "value_loss": value_loss.detach()}

    def take(self, outputs: Outputs, loss: Tensor, figures: dict[str, Tensor], stop: Stop, report: Report) -> None:
        agreed = self.context.steps.agree(outputs, loss, figures, stop, report)
        if agreed is not None:
            self.context.steps.take(outputs, loss, agreed, report)

    def state(self) -> tuple[Arrays, dict[str, Any]]:
        return {"spread": self.spread}, {"updates": self.updates}

    def load_state(self, arrays: Mapping[str, np.ndarray], data: Mapping[str, Any]) -> None:
        self.spread, self.updates = arrays["spread"], data["updates"]


class ColumnsOfAList(Good):
    columns = list(Good.columns)  # type: ignore[assignment]


class StandsStill(Good):
    """Learns only from games that nobody cut off."""

    def loss(self, outputs: Outputs, result: Tensor, advantage: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        loss, figures = super().loss(outputs, result, advantage)
        has_cut = len(outputs.batch.segment.cut) > 0
        return (outputs.policy.entropy().sum() * 0 if has_cut else loss), figures


class LikesToLose(Good):
    def loss(self, outputs: Outputs, result: Tensor, advantage: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        return super().loss(outputs, result, -advantage)


class SeesTheOtherSide(Good):
    def loss(self, outputs: Outputs, result: Tensor, advantage: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        return super().loss(outputs, -result, advantage)


class TellsNan(Good):
    def learn(self, segment: Segment, progress: float, stop: Stop) -> Report:
        report = super().learn(segment, progress, stop)
        report.figures["length_of_draws"] = float("nan")
        return report


class CountsTwice(Good):
    def take(self, outputs: Outputs, loss: Tensor, figures: dict[str, Tensor], stop: Stop, report: Report) -> None:
        before = report.num_steps
        super().take(outputs, loss, figures, stop, report)
        report.num_steps += report.num_steps - before


class BeginsAnywhere(Good):
    def __init__(self, context: AlgorithmContext) -> None:
        super().__init__(context)
        self.spread = np.random.default_rng().uniform(0.9, 1.1, 1).astype(np.float32)


class ScalesInPlace(Good):
    def results(self, segment: Segment) -> np.ndarray:
        segment.columns["value"] *= 0.5
        return super().results(segment)


class StateOfObjects(Good):
    def state(self) -> tuple[Arrays, dict[str, Any]]:
        arrays, data = super().state()
        return arrays, {**data, "seen": {1, 2}}


class Forgets(Good):
    def load_state(self, arrays: Mapping[str, np.ndarray], data: Mapping[str, Any]) -> None:
        pass


class NeverStops(Good):
    def take(self, outputs: Outputs, loss: Tensor, figures: dict[str, Tensor], stop: Stop, report: Report) -> None:
        super().take(outputs, loss, figures, never, report)


class TakesItsOwnBatches(Good):
    def batches(self, segment: Segment, progress: float) -> Iterator[Batch]:
        for batch in super().batches(segment, progress):
            yield self.context.batches.batch(segment, batch.rows)


class TakesWhateverComes(Good):
    def take(self, outputs: Outputs, loss: Tensor, figures: dict[str, Tensor], stop: Stop, report: Report) -> None:
        agreed = self.context.steps.agree(outputs, loss, figures, stop, report)
        self.context.steps.take(outputs, loss, dict(agreed), report)  # type: ignore[arg-type]


class LearnsFromOpponents(Good):
    def batches(self, segment: Segment, progress: float) -> Iterator[Batch]:
        if segment.learned.any():
            yield from super().batches(segment, progress)
        else:
            yield self.context.batches.batch(segment, np.arange(segment.num_plies))


BROKEN: dict[str, type[Good]] = {
    "columns_are_declared": ColumnsOfAList,
    "network_changes": StandsStill,
    "winning_moves_get_likelier": LikesToLose,
    "value_comes_to_the_result": SeesTheOtherSide,
    "figures_are_finite": TellsNan,
    "steps_are_counted": CountsTwice,
    "same_seed_gives_the_same": BeginsAnywhere,
    "segment_is_left_alone": ScalesInPlace,
    "state_is_arrays_and_plain_data": StateOfObjects,
    "state_round_trip": Forgets,
    "stop_is_asked": NeverStops,
    "lessons_reach_the_step": TakesItsOwnBatches,
    "minibatch_of_nan_is_left": TakesWhateverComes,
    "plies_of_opponents_are_left_out": LearnsFromOpponents,
}


def test_good_algorithm_passes_every_check() -> None:
    found = run_checks(ALGORITHM_CHECKS, AlgorithmUnderTest(make=Good))

    assert [finding.outcome for finding in found] == [Outcome.PASSED] * len(ALGORITHM_CHECKS)


def test_every_check_has_an_algorithm_that_breaks_it() -> None:
    assert [f"check_{name}" for name in BROKEN] == [check.__name__ for check in ALGORITHM_CHECKS]


@pytest.mark.parametrize("check", BROKEN)
def test_wrong_algorithm_breaks_just_its_check(check: str) -> None:
    assert list(failures(ALGORITHM_CHECKS, AlgorithmUnderTest(make=BROKEN[check]))) == [check]


def test_column_that_the_decider_does_not_give_is_told() -> None:
    class Wrong(Good):
        columns = (*Good.columns, Column("visits", np.float32, (8,)))

    found = failures(ALGORITHM_CHECKS, AlgorithmUnderTest(make=Wrong))

    assert "asks for the column visits float32 [8], the decider gives log_prob" in str(found["columns_are_declared"])


def test_algorithm_declared_to_follow_no_results_is_not_asked_for_it() -> None:
    under_test = AlgorithmUnderTest(make=LikesToLose, follows_results=False, learns_values=False)
    found = run_checks(ALGORITHM_CHECKS, under_test)

    not_asked = [finding.check for finding in found if finding.outcome is Outcome.NOT_ASKED]
    assert not_asked == ["winning_moves_get_likelier", "value_comes_to_the_result"]


def test_segment_of_the_kit_has_every_kind_of_ply() -> None:
    segment = AlgorithmUnderTest(make=Good).begin().segment()

    assert {Ending.NONE, Ending.MATE, Ending.MAX_PLIES} == set(segment.ending.flat)
    assert set(segment.learned.flat) == {False, True}
    assert len(segment.cut) > 0
