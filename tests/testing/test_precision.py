"""The contract of precision policies finds what is wrong on purpose, and nothing else."""

import itertools
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import pytest
import torch
from torch import Tensor

from keisei_core.precision import Fp32, PrecisionPolicy, clip_and_step
from keisei_core.testing import PRECISION_CHECKS, Outcome, PrecisionUnderTest, failures, run_checks

BFLOAT16 = torch.bfloat16


class Good:
    """Scales the loss by a number that halves at every overflow."""

    description = "float32, scaled for nothing"

    def __init__(self, device: torch.device) -> None:
        self.scale = 1024.0
        self.num_skipped = 0

    def autocast(self) -> AbstractContextManager[Any]:
        return nullcontext()

    def prepare(self, network: torch.nn.Module) -> torch.nn.Module:
        return torch.nn.Sequential(network)

    def step(self, loss: Tensor, optimizer: torch.optim.Optimizer, max_grad_norm: float) -> float:
        optimizer.zero_grad()
        self.backward(loss, optimizer)
        norm = clip_and_step(optimizer, max_grad_norm)
        self.count(norm)
        return norm

    def backward(self, loss: Tensor, optimizer: torch.optim.Optimizer) -> None:
        (loss * self.scale).backward()  # type: ignore[no-untyped-call]
        for parameter in parameters(optimizer):
            assert parameter.grad is not None
            parameter.grad /= self.scale

    def count(self, norm: float) -> None:
        if not torch.isfinite(torch.tensor(norm)):
            self.scale /= 2
            self.num_skipped += 1

    def state_dict(self) -> dict[str, float]:
        return {"scale": self.scale, "num_skipped": self.num_skipped}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        self.scale, self.num_skipped = state["scale"], int(state["num_skipped"])


def parameters(optimizer: torch.optim.Optimizer) -> list[torch.nn.Parameter]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]


class SaysNothing(Good):
    description = " "


class Coarse(Good):
    """Eight bits of mantissa, declared as nearly float32."""

    def autocast(self) -> AbstractContextManager[Any]:
        return torch.autocast("cpu", BFLOAT16)


class WearsOut(Good):
    def __init__(self, device: torch.device) -> None:
        super().__init__(device)
        self.contexts = iter([nullcontext()] * 8)

    def autocast(self) -> AbstractContextManager[Any]:
        return next(self.contexts)


class CountsThreads(Good):
    """Computes in fewer bits where another thread is within already."""

    num_within = 0

    @contextmanager
    def autocast(self) -> Iterator[None]:
        self.num_within += 1
        try:
            with torch.autocast("cpu", BFLOAT16, enabled=self.num_within > 1):
                yield
        finally:
            self.num_within -= 1


class TellsTheScaledNorm(Good):
    def step(self, loss: Tensor, optimizer: torch.optim.Optimizer, max_grad_norm: float) -> float:
        return super().step(loss, optimizer, max_grad_norm) * 1024


class ClipsNothing(Good):
    def step(self, loss: Tensor, optimizer: torch.optim.Optimizer, max_grad_norm: float) -> float:
        return super().step(loss, optimizer, 1e9)


class AddsToOldGradients(Good):
    def step(self, loss: Tensor, optimizer: torch.optim.Optimizer, max_grad_norm: float) -> float:
        loss.backward()  # type: ignore[no-untyped-call]
        norm = clip_and_step(optimizer, max_grad_norm)
        self.count(norm)
        return norm


class StepsAnyway(Good):
    def step(self, loss: Tensor, optimizer: torch.optim.Optimizer, max_grad_norm: float) -> float:
        optimizer.zero_grad()
        self.backward(loss, optimizer)
        norm = torch.nn.utils.clip_grad_norm_(parameters(optimizer), max_grad_norm)
        if torch.isnan(norm):
            for parameter in parameters(optimizer):
                parameter.grad = torch.zeros_like(parameter)
        if not torch.isinf(norm):
            optimizer.step()
        self.count(float(norm))
        return float(norm)


class HidesSkips(Good):
    def step(self, loss: Tensor, optimizer: torch.optim.Optimizer, max_grad_norm: float) -> float:
        norm = super().step(loss, optimizer, max_grad_norm)
        return norm if norm < float("inf") else 0.0


class KeepsItsScale(Good):
    def count(self, norm: float) -> None:
        self.num_skipped += not torch.isfinite(torch.tensor(norm))


class RoundsWeights(Good):
    def step(self, loss: Tensor, optimizer: torch.optim.Optimizer, max_grad_norm: float) -> float:
        norm = super().step(loss, optimizer, max_grad_norm)
        for parameter in parameters(optimizer):
            parameter.data = parameter.data.to(BFLOAT16).float()
        return norm


class StateOfTensors(Good):
    def state_dict(self) -> dict[str, float]:
        return {name: torch.tensor(value) for name, value in super().state_dict().items()}  # type: ignore[misc]

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        super().load_state_dict({name: float(value) for name, value in state.items()})


class ForgetsSkips(Good):
    def load_state_dict(self, state: Mapping[str, float]) -> None:
        self.scale = state["scale"]


class NamesAnew(Good):
    num_prepared = itertools.count()

    def prepare(self, network: torch.nn.Module) -> torch.nn.Module:
        return torch.nn.Sequential(OrderedDict({f"prepared_{next(self.num_prepared)}": network}))


class UnscalesByTheCpu(Good):
    def backward(self, loss: Tensor, optimizer: torch.optim.Optimizer) -> None:
        super().backward(loss, optimizer)
        for parameter in parameters(optimizer):
            assert parameter.grad is not None
            parameter.grad *= torch.ones(parameter.shape)


BROKEN: dict[str, type[Good]] = {
    "description_is_one_line": SaysNothing,
    "outputs_are_close": Coarse,
    "network_learns": WearsOut,
    "two_threads_compute_at_once": CountsThreads,
    "norm_is_that_of_the_gradient": TellsTheScaledNorm,
    "gradient_is_clipped": ClipsNothing,
    "old_gradients_are_forgotten": AddsToOldGradients,
    "overflow_is_skipped": StepsAnyway,
    "skipped_step_is_told": HidesSkips,
    "scale_falls_after_overflow": KeepsItsScale,
    "master_weights_are_float32": RoundsWeights,
    "state_is_plain_numbers": StateOfTensors,
    "state_round_trip": ForgetsSkips,
    "prepared_network_is_always_the_same": NamesAnew,
    "gpu_is_not_mixed_with_cpu": UnscalesByTheCpu,
}


def under_test(make: Callable[[torch.device], PrecisionPolicy]) -> PrecisionUnderTest:
    return PrecisionUnderTest(make=make, tolerance=1e-6, scales_loss=True)


def test_good_policy_passes_every_check() -> None:
    found = run_checks(PRECISION_CHECKS, under_test(Good))

    assert [finding.outcome for finding in found] == [Outcome.PASSED] * 15


def test_every_check_has_a_policy_that_breaks_it() -> None:
    assert [f"check_{name}" for name in BROKEN] == [check.__name__ for check in PRECISION_CHECKS]


@pytest.mark.parametrize("check", BROKEN)
def test_wrong_policy_breaks_just_its_check(check: str) -> None:
    assert list(failures(PRECISION_CHECKS, under_test(BROKEN[check]))) == [check]


def test_coarse_policy_that_says_so_passes() -> None:
    coarse = PrecisionUnderTest(make=Coarse, tolerance=0.05, scales_loss=True)

    assert failures(PRECISION_CHECKS, coarse) == {}


def test_policy_without_a_scale_is_not_asked_for_one() -> None:
    found = run_checks(PRECISION_CHECKS, PrecisionUnderTest(make=Fp32))

    assert [finding.check for finding in found if finding.outcome is Outcome.NOT_ASKED] == [
        "scale_falls_after_overflow",
        "prepared_network_is_always_the_same",
    ]
