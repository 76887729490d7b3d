"""The contract of optimisers finds what is wrong on purpose, and nothing else."""

import math

import pytest
import torch

from keisei_core.learn import Parameters
from keisei_core.testing import OPTIMIZER_CHECKS, OptimizerUnderTest, Outcome, failures, run_checks

RATE = 0.01


class Momentum(torch.optim.Optimizer):
    """Steps by the sign of an average, and counts."""

    def __init__(self, parameters: Parameters) -> None:
        super().__init__([parameter for _, parameter in parameters], {"lr": RATE})

    @torch.no_grad()
    def step(self, closure: object = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for parameter in group["params"]:
                self.move(parameter, group["lr"])

    def move(self, parameter: torch.nn.Parameter, rate: float) -> None:
        state = self.state[parameter]
        if not state:
            state["mean"], state["count"] = torch.zeros_like(parameter), 0
        state["count"] += 1
        state["mean"].lerp_(parameter.grad, 1 / min(state["count"], 5))
        parameter.sub_(rate * state["mean"].sign() / math.sqrt(state["count"]))


class Good:
    """The schedule goes down linearly."""

    optimizer_class: type[Momentum] = Momentum

    def __init__(self, parameters: Parameters) -> None:
        self.optimizer = self.optimizer_class(self.chosen(parameters))

    def chosen(self, parameters: Parameters) -> Parameters:
        return parameters

    def rate(self, progress: float) -> float:
        return 0.02 - 0.015 * progress


class EndsAtZero(Good):
    def rate(self, progress: float) -> float:
        return 0.02 * (1 - progress)


class Remembers(Good):
    """Never goes up again."""

    lowest = 1.0

    def rate(self, progress: float) -> float:
        self.lowest = min(self.lowest, super().rate(progress))
        return self.lowest


class LeavesTheGain(Good):
    def chosen(self, parameters: Parameters) -> Parameters:
        return [(name, parameter) for name, parameter in parameters if parameter.dim()]


class GoesUp(Good):
    class optimizer_class(Momentum):  # noqa: N801
        def move(self, parameter: torch.nn.Parameter, rate: float) -> None:
            super().move(parameter, -rate)


class HasItsOwnRate(Good):
    class optimizer_class(Momentum):  # noqa: N801
        def move(self, parameter: torch.nn.Parameter, rate: float) -> None:
            super().move(parameter, RATE)


class KeepsInfinity(Good):
    class optimizer_class(Momentum):  # noqa: N801
        def move(self, parameter: torch.nn.Parameter, rate: float) -> None:
            super().move(parameter, rate)
            self.state[parameter]["best"] = math.inf


class CountsBesideItsState(Good):
    class optimizer_class(Momentum):  # noqa: N801
        num_moves = 0

        def move(self, parameter: torch.nn.Parameter, rate: float) -> None:
            self.num_moves += 1
            super().move(parameter, rate / (1 + 0.01 * self.num_moves))


class AddsNoise(Good):
    class optimizer_class(Momentum):  # noqa: N801
        def move(self, parameter: torch.nn.Parameter, rate: float) -> None:
            torch.rand(1)
            super().move(parameter, rate)


class AveragesOnTheCpu(Good):
    class optimizer_class(Momentum):  # noqa: N801
        def move(self, parameter: torch.nn.Parameter, rate: float) -> None:
            self.state[parameter].setdefault("mean", torch.zeros(parameter.shape))
            self.state[parameter].setdefault("count", 0)
            super().move(parameter, rate)


BROKEN: dict[str, type[Good]] = {
    "rates_are_positive": EndsAtZero,
    "rate_depends_on_progress_alone": Remembers,
    "every_parameter_is_stepped": LeavesTheGain,
    "network_learns": GoesUp,
    "rate_of_groups_is_obeyed": HasItsOwnRate,
    "state_is_tensors_and_numbers": KeepsInfinity,
    "state_round_trip": CountsBesideItsState,
    "random_streams_are_left_alone": AddsNoise,
    "gpu_is_not_mixed_with_cpu": AveragesOnTheCpu,
}


def test_good_optimizer_passes_every_check() -> None:
    found = run_checks(OPTIMIZER_CHECKS, OptimizerUnderTest(make=Good))

    assert [finding.outcome for finding in found] == [Outcome.PASSED] * 9


def test_every_check_has_an_optimizer_that_breaks_it() -> None:
    assert [f"check_{name}" for name in BROKEN] == [check.__name__ for check in OPTIMIZER_CHECKS]


@pytest.mark.parametrize("check", BROKEN)
def test_wrong_optimizer_breaks_just_its_check(check: str) -> None:
    assert list(failures(OPTIMIZER_CHECKS, OptimizerUnderTest(make=BROKEN[check]))) == [check]


def test_state_of_something_else_is_found() -> None:
    class Lists(Good):
        class optimizer_class(Momentum):  # noqa: N801
            def move(self, parameter: torch.nn.Parameter, rate: float) -> None:
                super().move(parameter, rate)
                self.state[parameter]["history"] = [rate]

    found = failures(OPTIMIZER_CHECKS, OptimizerUnderTest(make=Lists))

    assert "must be a tensor or a number, got list" in str(found["state_is_tensors_and_numbers"])


@pytest.mark.parametrize("name", ["Adam", "AdamW", "SGD", "RMSprop", "NAdam", "Adafactor", "Adagrad"])
def test_optimizers_of_torch_keep_the_contract(name: str) -> None:
    class Torchs(Good):
        def __init__(self, parameters: Parameters) -> None:
            self.optimizer = getattr(torch.optim, name)([parameter for _, parameter in parameters], lr=0.01)

        def rate(self, progress: float) -> float:
            return 0.05 if name in ("SGD", "Adafactor", "Adagrad") else 0.01

    assert failures(OPTIMIZER_CHECKS, OptimizerUnderTest(make=Torchs)) == {}
