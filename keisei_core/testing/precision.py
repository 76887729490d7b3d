"""What is asked of a precision policy."""

import json
import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from typing import Final

import attrs
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from keisei_core.precision import PrecisionPolicy, PreparesNetwork, prepared
from keisei_core.testing.check import Check
from keisei_core.testing.contract_error import ask_only_if, require
from keisei_core.testing.pretended_gpu import asked_on_gpu
from keisei_core.testing.under_test import UnderTest

SIZE: Final = 16
NO_LIMIT: Final = 1e9
SMALL_STEP: Final = 1e-5
SMALL_STEPS: Final = 64
LEARNING_STEPS: Final = 200
SHARE_TO_LEARN: Final = 0.9
TOLERANCE: Final = 1e-3
"""Relative, of gradients that were scaled and scaled back."""


@attrs.frozen(kw_only=True)
class PrecisionUnderTest(UnderTest):
    """A policy and what its author says about it."""

    make: Callable[[torch.device], PrecisionPolicy]
    tolerance: float = 0.05
    """How much the outputs of a small network may differ from float32's, relative to the largest of them."""
    scales_loss: bool = False
    """True where the loss is scaled, by a number that falls when a gradient overflows."""
    device: str = "cpu"

    def build(self) -> PrecisionPolicy:
        """Builds the policy."""
        return self.make(torch.device(self.device))

    def network(self) -> nn.Module:
        """Builds a small network, always the same."""
        with torch.random.fork_rng():
            torch.manual_seed(0)
            return nn.Sequential(nn.Linear(SIZE, SIZE), nn.Tanh(), nn.Linear(SIZE, 1)).to(self.device)

    def questions(self) -> tuple[Tensor, Tensor]:
        """Returns inputs, float32 [64, SIZE], and targets, float32 [64, 1]; always the same."""
        stream = torch.Generator().manual_seed(1)
        inputs = torch.randn(64, SIZE, generator=stream)
        return inputs.to(self.device), inputs[:, :4].prod(dim=1, keepdim=True).tanh().to(self.device)

    def weights(self, *values: float) -> nn.Parameter:
        """Returns a parameter with these values, whose gradient a test can choose."""
        return nn.Parameter(torch.tensor(values, dtype=torch.float32, device=self.device))


def check_description_is_one_line(under_test: PrecisionUnderTest) -> None:
    """The policy says in a few words what it computes in, for the log of the run."""
    description: object = getattr(under_test.build(), "description", None)
    is_line = isinstance(description, str) and bool(description.strip()) and "\n" not in description
    require(is_line, f"description must be one line of text, got {description!r}")


def check_outputs_are_close(under_test: PrecisionUnderTest) -> None:
    """A network gives about what it gives in float32, as near as the author says."""
    network, (inputs, _) = under_test.network(), under_test.questions()
    with torch.no_grad():
        expected = network(inputs)
        with under_test.build().autocast():
            got = network(inputs).float()
    error, limit = float((expected - got).abs().max() / expected.abs().max()), under_test.tolerance
    require(error <= limit, f"outputs must be within {limit:.2g} of float32's, got {error:.2g}")


def check_network_learns(under_test: PrecisionUnderTest) -> None:
    """A small network learns a fixed batch by heart, hundreds of forward passes and steps one after another."""
    network, (inputs, targets) = under_test.network(), under_test.questions()
    policy, optimizer = under_test.build(), torch.optim.Adam(network.parameters(), lr=0.01)
    losses = []
    for _ in range(LEARNING_STEPS):
        with policy.autocast():
            outputs = network(inputs)
        loss = F.mse_loss(outputs.float(), targets)
        losses.append(float(loss.detach()))
        _step(policy, loss, optimizer, 1.0)
    learned = 1 - losses[-1] / losses[0]
    wanted = f"the loss must fall by {SHARE_TO_LEARN:.0%} in {LEARNING_STEPS} steps"
    require(learned > SHARE_TO_LEARN, f"{wanted}, got {learned:.0%}")


def check_two_threads_compute_at_once(under_test: PrecisionUnderTest) -> None:
    """A network says the same while another thread enters and leaves the policy's context, and so does the other's."""
    policy, network, (inputs, _) = under_test.build(), under_test.network(), under_test.questions()

    def outputs() -> Tensor:
        with torch.no_grad(), policy.autocast():
            found: Tensor = network(inputs).float()
            return found

    expected = outputs()
    with ThreadPoolExecutor(1) as thread, torch.no_grad(), policy.autocast():
        other = thread.submit(outputs).result()
        own = network(inputs).float()
    for whose, got in (("the other thread", other), ("who was within already", own)):
        require(torch.equal(got, expected), f"two threads must compute as one does, {whose} got something else")


def check_norm_is_that_of_the_gradient(under_test: PrecisionUnderTest) -> None:
    """The norm returned is that before clipping, of the gradient itself and not of a scaled one."""
    weights = under_test.weights(0.0, 0.0)
    norm = _step(under_test.build(), (weights * _gradient(weights, 3.0, 4.0)).sum(), _sgd(weights), 0.5)
    require(math.isclose(norm, 5.0, rel_tol=TOLERANCE), f"step must return the gradient's norm 5.0, got {norm}")


def check_gradient_is_clipped(under_test: PrecisionUnderTest) -> None:
    """A gradient above the limit is shortened to it; one below stays as it is."""
    for limit, length in ((1.0, 0.5), (NO_LIMIT, 1.0)):
        weights = under_test.weights(0.0, 0.0, 0.0, 0.0)
        _step(under_test.build(), weights.sum(), _sgd(weights), limit)
        moved = -float(weights.detach()[0])
        good = math.isclose(moved, length, rel_tol=0.01)
        require(good, f"a gradient of norm 2 clipped to {limit:g} must move each of 4 weights by {length}, got {moved}")


def check_old_gradients_are_forgotten(under_test: PrecisionUnderTest) -> None:
    """A step follows the gradient of its own loss, whatever stood in `grad` before."""
    weights = under_test.weights(0.0, 0.0)
    weights.grad = torch.full_like(weights, 7.0)
    under_test.build().step(weights.sum(), _sgd(weights), NO_LIMIT)
    moved = -float(weights.detach()[0])
    require(math.isclose(moved, 1.0, rel_tol=0.01), f"a gradient of 1 must move a weight by 1, got {moved}")


def check_overflow_is_skipped(under_test: PrecisionUnderTest) -> None:
    """A gradient with nan or inf changes neither weights nor moments, and the next good one does."""
    for bad in (math.inf, math.nan):
        weights = under_test.weights(0.5, 0.25)
        policy, optimizer = under_test.build(), torch.optim.Adam([weights], lr=0.1)
        _step(policy, weights.sum(), optimizer)
        before = [weights.detach().clone(), *_moments(optimizer, weights)]
        _step(policy, (weights * _gradient(weights, bad, 1.0)).sum(), optimizer)
        after = [weights.detach(), *_moments(optimizer, weights)]
        same = all(torch.equal(one, other) for one, other in zip(before, after, strict=True))
        require(same, f"a gradient with {bad} must change neither weights nor moments")
        _step(policy, weights.sum(), optimizer)
        require(not torch.equal(before[0], weights.detach()), f"the step after one with {bad} must be taken again")


def check_skipped_step_is_told(under_test: PrecisionUnderTest) -> None:
    """A step that was not taken returns nan or inf, by which a run counts them."""
    for bad in (math.inf, math.nan):
        weights = under_test.weights(0.5, 0.25)
        norm = _step(under_test.build(), (weights * _gradient(weights, bad, 1.0)).sum(), _sgd(weights))
        require(not math.isfinite(norm), f"step must return nan or inf for a gradient with {bad}, got {norm}")


def check_scale_falls_after_overflow(under_test: PrecisionUnderTest) -> None:
    """A policy that scales the loss does so with a smaller number after an overflow, and keeps that in its state."""
    ask_only_if(under_test.scales_loss, "scales_loss = False")
    weights, policy = under_test.weights(0.5, 0.25), under_test.build()
    _step(policy, weights.sum(), _sgd(weights))
    before = dict(policy.state_dict())
    _step(policy, (weights * math.inf).sum(), _sgd(weights))
    after = policy.state_dict()
    fell = [name for name in before if after[name] < before[name]]
    require(bool(fell), f"a number of the state must fall after an overflow, got {before} and then {after}")


def check_master_weights_are_float32(under_test: PrecisionUnderTest) -> None:
    """Weights and moments are float32, so that steps too small for a shorter number add up."""
    weights = under_test.weights(1.0, 1.0)
    policy, optimizer = under_test.build(), torch.optim.SGD([weights], lr=SMALL_STEP, momentum=1e-3)
    for _ in range(SMALL_STEPS):
        _step(policy, weights.sum(), optimizer)
    dtypes = {str(one.dtype) for one in (weights, *_moments(optimizer, weights))}
    require(dtypes == {"torch.float32"}, f"weights and moments must be float32, got {sorted(dtypes)}")
    moved, expected = 1 - float(weights.detach()[0]), SMALL_STEP * SMALL_STEPS
    good = math.isclose(moved, expected, rel_tol=0.02)
    require(good, f"{SMALL_STEPS} steps of {SMALL_STEP} must add up to {expected:.2g}, got {moved:.2g}")


def check_state_is_plain_numbers(under_test: PrecisionUnderTest) -> None:
    """The state goes into a checkpoint as JSON, and means the same afterwards."""
    policy = _used(under_test)
    state = policy.state_dict()
    wrong = {name: type(value).__name__ for name, value in state.items() if type(value) not in (int, float, bool)}
    require(not wrong, f"state_dict must hold plain numbers, got {wrong}")
    again = json.loads(json.dumps(state))
    require(again == state, f"state_dict must be the same after JSON, got {state} and then {again}")


def check_state_round_trip(under_test: PrecisionUnderTest) -> None:
    """A policy that takes over another's state goes on exactly like it, overflows included."""
    one, other = _used(under_test), under_test.build()
    other.load_state_dict(one.state_dict())
    same = dict(one.state_dict()) == dict(other.state_dict())
    require(same, f"load_state_dict must take {one.state_dict()}, state_dict then gives {other.state_dict()}")
    ways = [_go_on(policy, under_test) for policy in (one, other)]
    require(ways[0] == ways[1], f"a restored policy must go on like the first, got {ways[0]} and {ways[1]}")


def check_prepared_network_is_always_the_same(under_test: PrecisionUnderTest) -> None:
    """What `prepare` returns has the same names and shapes every time, and a copy of it says the same."""
    ask_only_if(isinstance(under_test.build(), PreparesNetwork), "it prepares no network")
    first, second = (prepared(under_test.network(), under_test.build()) for _ in range(2))
    shapes = [{name: tuple(tensor.shape) for name, tensor in one.state_dict().items()} for one in (first, second)]
    differing = sorted(name for name in {*shapes[0], *shapes[1]} if shapes[0].get(name) != shapes[1].get(name))
    require(not differing, f"prepared networks must have the same tensors every time, {differing} differ")
    second.load_state_dict(deepcopy(first).state_dict())
    inputs, _ = under_test.questions()
    with torch.no_grad():
        same = torch.equal(first.eval()(inputs), second.eval()(inputs))
    require(same, "a prepared network must say the same once it has another's state, it says something else")


def check_gpu_is_not_mixed_with_cpu(under_test: PrecisionUnderTest) -> None:
    """On a GPU, a pretended one, forward passes and steps keep to the GPU, skipped steps too."""
    with asked_on_gpu() as gpu:
        there = attrs.evolve(under_test, device=str(gpu))
        policy, network, (inputs, targets) = there.build(), there.network(), there.questions()
        with policy.autocast():
            outputs = network(inputs)
        _step(policy, F.mse_loss(outputs.float(), targets), torch.optim.Adam(network.parameters()))
        weights = there.weights(0.5, 0.25)
        for factor in (math.inf, 1.0):
            _step(policy, (weights * factor).sum(), _sgd(weights))


PRECISION_CHECKS: Final[tuple[Check, ...]] = (
    check_description_is_one_line,
    check_outputs_are_close,
    check_network_learns,
    check_two_threads_compute_at_once,
    check_norm_is_that_of_the_gradient,
    check_gradient_is_clipped,
    check_old_gradients_are_forgotten,
    check_overflow_is_skipped,
    check_skipped_step_is_told,
    check_scale_falls_after_overflow,
    check_master_weights_are_float32,
    check_state_is_plain_numbers,
    check_state_round_trip,
    check_prepared_network_is_always_the_same,
    check_gpu_is_not_mixed_with_cpu,
)


def _step(
    policy: PrecisionPolicy, loss: Tensor, optimizer: torch.optim.Optimizer, max_grad_norm: float = NO_LIMIT
) -> float:
    """Takes a step over cleared gradients; whether a policy clears them itself is asked by one check alone."""
    optimizer.zero_grad(set_to_none=True)
    return float(policy.step(loss, optimizer, max_grad_norm))


def _gradient(weights: Tensor, *values: float) -> Tensor:
    return torch.tensor(values, dtype=torch.float32, device=weights.device)


def _sgd(weights: nn.Parameter) -> torch.optim.Optimizer:
    """Steps by the gradient itself."""
    return torch.optim.SGD([weights], lr=1.0)


def _moments(optimizer: torch.optim.Optimizer, weights: nn.Parameter) -> list[Tensor]:
    state = optimizer.state[weights]
    return [value.clone() for value in state.values() if isinstance(value, Tensor)]


def _used(under_test: PrecisionUnderTest) -> PrecisionPolicy:
    """Builds a policy that has seen good gradients and one that overflowed."""
    policy, weights = under_test.build(), under_test.weights(0.5, 0.25)
    for factor in (1.0, math.inf, 1.0):
        _step(policy, (weights * factor).sum(), _sgd(weights))
    return policy


def _go_on(policy: PrecisionPolicy, under_test: PrecisionUnderTest) -> tuple[list[float], dict[str, float]]:
    """Takes a few steps on weights of its own and returns where they and the policy ended."""
    weights = under_test.weights(0.5, 0.25)
    for factor in (1.0, 0.5, math.inf, 2.0):
        _step(policy, (weights * factor).sum(), _sgd(weights))
    return weights.detach().tolist(), dict(policy.state_dict())
