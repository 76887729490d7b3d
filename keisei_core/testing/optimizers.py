"""What is asked of an optimiser and its schedule."""

import math
from collections.abc import Callable
from typing import Final

import attrs
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from keisei_core.learn import Optimization, Parameters, load_optimizer_tensors, optimizer_tensors
from keisei_core.testing.check import Check
from keisei_core.testing.contract_error import require
from keisei_core.testing.pretended_gpu import asked_on_gpu
from keisei_core.testing.under_test import UnderTest

STAGES: Final = tuple(tenth / 10 for tenth in range(11))
BOARD: Final = 5
LEARNING_STEPS: Final = 150
SHARE_TO_LEARN: Final = 0.5
STEPS_BEFORE: Final = 4
STEPS_AFTER: Final = 3
HIGHEST_RATE: Final = 1e3
"""Above which a learning rate is a slip."""


class ToyNetwork(nn.Module):
    """A small network with a kernel, a gain, a matrix, biases and a parameter without axes, laid out channels last."""

    def __init__(self) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, 6, 3, padding=1)
        self.norm = nn.GroupNorm(2, 6)
        self.linear = nn.Linear(6 * BOARD * BOARD, 4)
        self.gain = nn.Parameter(torch.tensor(1.0))

    def forward(self, boards: Tensor) -> Tensor:
        """Maps float32 [B, 3, 5, 5] to float32 [B, 4]."""
        features = torch.tanh(self.norm(self.convolution(boards)))
        outputs: Tensor = self.gain * self.linear(features.flatten(1))
        return outputs


@attrs.frozen(kw_only=True)
class OptimizerUnderTest(UnderTest):
    """An optimiser and where it is tried."""

    make: Callable[[Parameters], Optimization]
    device: str = "cpu"

    def network(self) -> ToyNetwork:
        """Builds the toy network, always the same."""
        with torch.random.fork_rng():
            torch.manual_seed(0)
            network = ToyNetwork().to(self.device)
        return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]

    def build(self, network: nn.Module) -> Optimization:
        """Builds the optimiser over all parameters of a network."""
        return self.make(tuple(network.named_parameters()))

    def questions(self) -> tuple[Tensor, Tensor]:
        """Returns inputs, float32 [32, 3, 5, 5], and targets, float32 [32, 4]; always the same."""
        stream = torch.Generator().manual_seed(1)
        boards = torch.randn(32, 3, BOARD, BOARD, generator=stream)
        targets = torch.randn(32, 4, generator=stream)
        return boards.to(self.device), targets.to(self.device)

    def train(
        self, network: nn.Module, optimization: Optimization, num_steps: int, rate: float | None = None
    ) -> list[float]:
        """Takes steps as a run does, at the schedule's rates or at one; returns the loss before each."""
        losses, (boards, targets) = [], self.questions()
        for step in range(num_steps):
            _set_rate(optimization, optimization.rate(step / num_steps) if rate is None else rate)
            loss = F.mse_loss(network(boards), targets)
            optimization.optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimization.optimizer.step()
            losses.append(float(loss.detach()))
        return losses

    def trained(self, num_steps: int = STEPS_BEFORE) -> tuple[ToyNetwork, Optimization]:
        """Returns the toy network after some steps, and its optimiser."""
        network = self.network()
        optimization = self.build(network)
        self.train(network, optimization, num_steps)
        return network, optimization


def check_rates_are_positive(under_test: OptimizerUnderTest) -> None:
    """At every stage of a run the schedule gives a learning rate above 0 that is finite."""
    optimization = under_test.build(under_test.network())
    for stage in STAGES:
        rate = optimization.rate(stage)
        good = isinstance(rate, float | int) and math.isfinite(rate) and 0 < rate < HIGHEST_RATE
        require(good, f"rate must be above 0 and below {HIGHEST_RATE:g} at a progress of {stage:g}, got {rate!r}")


def check_rate_depends_on_progress_alone(under_test: OptimizerUnderTest) -> None:
    """A resumed run asks for the rate of the middle first: what was asked before makes no difference."""
    asked = under_test.build(under_test.network())
    in_order = [asked.rate(stage) for stage in STAGES]
    backwards = [under_test.build(under_test.network()).rate(stage) for stage in reversed(STAGES)]
    again = [asked.rate(stage) for stage in reversed(STAGES)]
    same = in_order == backwards[::-1] == again[::-1]
    require(same, f"rate must depend on progress alone, got {in_order} and then {again[::-1]}")


def check_every_parameter_is_stepped(under_test: OptimizerUnderTest) -> None:
    """Kernels, matrices, biases and single numbers all move."""
    network = under_test.network()
    before = {name: parameter.detach().clone() for name, parameter in network.named_parameters()}
    optimization = under_test.build(network)
    under_test.train(network, optimization, STEPS_BEFORE)
    still = [name for name, parameter in network.named_parameters() if torch.equal(parameter, before[name])]
    require(not still, f"every parameter must be stepped, these stayed as they were: {still}")


def check_network_learns(under_test: OptimizerUnderTest) -> None:
    """The loss of a toy problem falls at the schedule's own rates."""
    network = under_test.network()
    losses = under_test.train(network, under_test.build(network), LEARNING_STEPS)
    learned = 1 - losses[-1] / losses[0]
    wanted = f"the loss must fall by {SHARE_TO_LEARN:.0%} in {LEARNING_STEPS} steps"
    require(learned > SHARE_TO_LEARN, f"{wanted}, got {learned:.0%}")


def check_rate_of_groups_is_obeyed(under_test: OptimizerUnderTest) -> None:
    """What stands as `lr` in a parameter group is what is stepped by: a step at almost 0 changes almost nothing."""
    network, optimization = under_test.trained()
    before = [parameter.detach().clone() for parameter in network.parameters()]
    boards, targets = under_test.questions()
    _set_rate(optimization, 1e-12)
    optimization.optimizer.zero_grad(set_to_none=True)
    F.mse_loss(network(boards), targets).backward()  # type: ignore[no-untyped-call]
    optimization.optimizer.step()
    pairs = zip(network.parameters(), before, strict=True)
    moved = max(float((parameter - one).abs().max().detach()) for parameter, one in pairs)
    require(moved < 1e-6, f"a step at lr = 1e-12 must change nothing to speak of, it moved a number by {moved:.2g}")


def check_state_is_tensors_and_numbers(under_test: OptimizerUnderTest) -> None:
    """The state goes into a checkpoint by parameter, without code: tensors of any shape and numbers, all finite."""
    network, optimization = under_test.trained()
    for name, tensor in optimizer_tensors(network, optimization.optimizer).items():
        require(bool(torch.isfinite(tensor).all()), f"state {name!r} must be finite after a good step")


def check_state_round_trip(under_test: OptimizerUnderTest) -> None:
    """An optimiser that takes over the state of another goes on exactly like it."""
    network, optimization = under_test.trained()
    other = under_test.network()
    other.load_state_dict(network.state_dict())
    follower = under_test.build(other)
    stored = {name: one.clone() for name, one in optimizer_tensors(network, optimization.optimizer).items()}
    load_optimizer_tensors(other, follower.optimizer, stored)
    rate = optimization.rate(0.5)
    for one, by in ((network, optimization), (other, follower)):
        under_test.train(one, by, STEPS_AFTER, rate)
    pairs = zip(network.named_parameters(), other.parameters(), strict=True)
    differ = [name for (name, parameter), twin in pairs if not torch.equal(parameter, twin)]
    require(not differ, f"a restored optimiser must go on the same bit for bit, these parameters differ: {differ}")


def check_random_streams_are_left_alone(under_test: OptimizerUnderTest) -> None:
    """Steps draw nothing from torch's own stream, which is the network's."""
    network = under_test.network()
    before = torch.get_rng_state()
    under_test.train(network, under_test.build(network), STEPS_BEFORE)
    same = torch.equal(before, torch.get_rng_state())
    require(same, "an optimiser must leave torch's random stream alone, it drew from it")


def check_gpu_is_not_mixed_with_cpu(under_test: OptimizerUnderTest) -> None:
    """On a GPU, a pretended one, steps and what is stored of them keep to the GPU, after a restart too."""
    with asked_on_gpu() as gpu:
        there = attrs.evolve(under_test, device=str(gpu))
        network, optimization = there.trained(2)
        stored = {name: one.cpu() for name, one in optimizer_tensors(network, optimization.optimizer).items()}
        again = there.build(network)
        load_optimizer_tensors(network, again.optimizer, stored)
        there.train(network, again, 1)


OPTIMIZER_CHECKS: Final[tuple[Check, ...]] = (
    check_rates_are_positive,
    check_rate_depends_on_progress_alone,
    check_every_parameter_is_stepped,
    check_network_learns,
    check_rate_of_groups_is_obeyed,
    check_state_is_tensors_and_numbers,
    check_state_round_trip,
    check_random_streams_are_left_alone,
    check_gpu_is_not_mixed_with_cpu,
)


def _set_rate(optimization: Optimization, rate: float) -> None:
    """Sets the learning rate of every group as a run does."""
    for group in optimization.optimizer.param_groups:
        group["lr"] = rate * group.get("lr_scale", 1.0)
