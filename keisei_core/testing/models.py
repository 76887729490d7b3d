"""What is asked of an actor-critic network.

Shape key: B positions, C channels, A = 2,187 actions.
"""

from typing import Any, Final, cast

import torch
import torchinfo
from torch import Tensor, nn
from torch.nn import functional as F

from keisei_core.evaluate.actor_critic import as_float32
from keisei_core.evaluate.network_faults import globals_problem, trains_as_it_acts
from keisei_core.evaluate.outputs import outputs_problem
from keisei_core.evaluate.random_streams import undisturbed
from keisei_core.learn import Batch
from keisei_core.learn.auxiliary import Auxiliary, auxiliary_loss, auxiliary_problem
from keisei_core.shogi import NUM_ACTIONS
from keisei_core.testing.check import Check
from keisei_core.testing.contract_error import ContractError, ask_only_if, require
from keisei_core.testing.layouts import check_layout_is_true
from keisei_core.testing.model_under_test import ModelUnderTest
from keisei_core.testing.pretended_gpu import asked_on_gpu

OUTPUTS: Final = ("logits", "value")
DTYPES: Final = (torch.float32, torch.bfloat16, torch.float16)
TOLERANCE: Final = 1e-4
"""How much float32 results may differ that should be equal: sums are taken in another order for another batch."""

OVERFIT_STEPS: Final = 300
OVERFIT_BATCH: Final = 32
LEARNING_RATE: Final = 3e-3
STEPS_BETWEEN_LOOKS: Final = 25
SHARE_TO_LEARN: Final = 0.9
"""Share of the values' variance, and of the policy's cross-entropy, that a network must learn of one fixed batch."""


def check_shapes(under_test: ModelUnderTest) -> None:
    """Any number of positions gives as many rows of logits and as many values."""
    network = under_test.build().eval()
    for num_positions in (1, 2, 17):
        with torch.no_grad():
            problem = outputs_problem(network(under_test.observe(num_positions)), num_positions)
        require(problem is None, f"{problem}")


def check_outputs_are_finite(under_test: ModelUnderTest) -> None:
    """Logits and value are finite, whatever the weights; a value head may leave -1..1."""
    network = under_test.build().eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter))
    for name, output in zip(OUTPUTS, _evaluate(network, under_test.observe()), strict=True):
        require(bool(output.isfinite().all()), f"{name} must be finite whatever the weights, got nan or inf")


def check_every_precision_is_finite(under_test: ModelUnderTest) -> None:
    """Outputs and gradients are finite in float32, and where torch picks bfloat16 or float16 (autocast)."""
    for dtype in DTYPES:
        network, planes = under_test.build().train(), under_test.observe()
        with torch.autocast("cpu", dtype, enabled=dtype is not torch.float32):
            outputs = network(planes)
        for name, output in zip(OUTPUTS, _outputs(outputs), strict=True):
            require(bool(output.isfinite().all()), f"{name} must be finite in {dtype}, got nan or inf")
        _loss_of(network, outputs, under_test).backward()  # type: ignore[no-untyped-call]
        gradients = {name: one.grad for name, one in network.named_parameters() if one.grad is not None}
        wrong = [name for name, gradient in gradients.items() if not bool(gradient.isfinite().all())]
        require(not wrong, f"gradients must be finite in {dtype}, got nan or inf in {wrong}")


def check_shared_state_is_left_alone(under_test: ModelUnderTest) -> None:
    """`forward` seeds no random stream of the process, and leaves torch's switch for gradients and default dtype."""
    with undisturbed():
        problem = globals_problem(under_test.build().train(), under_test.observe(4))
    require(problem is None, f"{problem}")


def check_gradients_reach_every_parameter(under_test: ModelUnderTest) -> None:
    """Every parameter that is trained gets a gradient: at once, or after a few steps if its output started at 0."""
    network = under_test.build().train()
    reached: set[str] = set()
    optimiser = torch.optim.SGD(network.parameters(), lr=0.1)
    for _ in range(3):
        optimiser.zero_grad()
        _loss_of(network, network(under_test.observe()), under_test).backward()  # type: ignore[no-untyped-call]
        for name, parameter in network.named_parameters():
            if parameter.grad is not None and bool(parameter.grad.any()):
                reached.add(name)
        optimiser.step()
    missed = [name for name, parameter in network.named_parameters() if parameter.requires_grad and name not in reached]
    require(not missed, f"gradients must reach every parameter, they never reached {missed}")


def check_batch_size_makes_no_difference(under_test: ModelUnderTest) -> None:
    """In eval mode a position's outputs do not depend on its company."""
    network, planes = _briefly_trained(under_test), under_test.observe(9)
    whole = _evaluate(network, planes)
    for part in (slice(0, 1), slice(2, 9)):
        for name, expected, got in zip(OUTPUTS, whole, _evaluate(network, planes[part]), strict=True):
            alike = torch.allclose(expected[part], got, rtol=TOLERANCE, atol=TOLERANCE)
            require(
                alike,
                f"{name} must not depend on the rest of the batch, differ by {(expected[part] - got).abs().max()}",
            )


def check_train_mode_makes_no_difference(under_test: ModelUnderTest) -> None:
    """Learning sees what acting saw: otherwise PPO's ratios of probabilities do not begin at 1."""
    ask_only_if(under_test.trains_as_it_acts, "trains_as_it_acts = False")
    network, planes = _briefly_trained(under_test), under_test.observe()
    ask_only_if(trains_as_it_acts(network), "the network has trains_as_it_acts = False")
    acting = _evaluate(network, planes)
    for name, expected, got in zip(OUTPUTS, acting, _evaluate(network.train(), planes), strict=True):
        alike = torch.allclose(expected, got, rtol=TOLERANCE, atol=TOLERANCE)
        advice = "use layer or group normalisation and no dropout, or declare trains_as_it_acts = False"
        require(alike, f"{name} must be the same in train mode and in eval mode; {advice}")


def check_input_and_layout(under_test: ModelUnderTest) -> None:
    """The planes stay as they are, and may lie in memory channels last."""
    network, planes = _briefly_trained(under_test), under_test.observe(5)
    before = planes.clone()
    first = _evaluate(network, planes)
    require(torch.equal(before, planes), "forward must not change its planes")
    second = _evaluate(network, planes.to(memory_format=torch.channels_last))
    for name, one, other in zip(OUTPUTS, first, second, strict=True):
        require(
            torch.allclose(one, other, rtol=TOLERANCE, atol=TOLERANCE),
            f"{name} must not depend on the memory format of the planes",
        )


def check_state_round_trip(under_test: ModelUnderTest) -> None:
    """Weights saved from one network and loaded into another give the same outputs, bit for bit."""
    network, other = _briefly_trained(under_test), under_test.build(seed=1).eval()
    other.load_state_dict(network.state_dict())
    planes = under_test.observe(9)
    for name, one, two in zip(OUTPUTS, _evaluate(network, planes), _evaluate(other, planes), strict=True):
        require(torch.equal(one, two), f"{name} must survive a round trip through state_dict")


def check_seed_decides_weights(under_test: ModelUnderTest) -> None:
    """Two networks made under the same seed are the same."""
    one, two = under_test.build(seed=5).state_dict(), under_test.build(seed=5).state_dict()
    different = [name for name in one if not torch.equal(one[name], two[name])]
    require(not different, f"weights must come from torch's global random stream, these differ: {different}")


def check_summary_counts_every_parameter(under_test: ModelUnderTest) -> None:
    """torchinfo's summary, which a run logs, counts as many parameters as there are."""
    network = under_test.build()
    counted = torchinfo.summary(network, input_data=under_test.observe(1), verbose=0).total_params
    actual = sum(parameter.numel() for parameter in network.parameters())
    require(
        counted == actual,
        f"the summary must count {actual} parameters, got {counted}; no two modules may share weights",
    )


def check_one_batch_overfits(under_test: ModelUnderTest) -> None:
    """One fixed batch with random targets is learned by heart: moves and values."""
    network, planes = under_test.build().train(), under_test.observe(OVERFIT_BATCH)
    at_first = _cross_entropy(network, planes)
    for _ in range(OVERFIT_STEPS // STEPS_BETWEEN_LOOKS):
        _train(network, planes, STEPS_BETWEEN_LOOKS)
        learned, explained = 1 - _cross_entropy(network, planes) / at_first, _explained_variance(network, planes)
        if min(learned, explained) > SHARE_TO_LEARN:
            return
    raise ContractError(
        f"after {OVERFIT_STEPS} steps over one batch the policy must have lost {SHARE_TO_LEARN:.0%} of its "
        f"cross-entropy and the value explain {SHARE_TO_LEARN:.0%} of its variance, "
        f"got {learned:.0%} and {explained:.0%}"
    )


def check_further_outputs_have_a_loss(under_test: ModelUnderTest) -> None:
    """A third output goes with an `auxiliary_loss`: finite, with figures, also where no game ended."""
    network = under_test.build().train()
    outputs = network(under_test.observe())
    has_loss = isinstance(network, Auxiliary)
    ask_only_if(has_loss or len(outputs) != len(OUTPUTS), "no further outputs")
    for is_known in (True, False):
        problem = outputs_problem(outputs, len(outputs[0]))
        problem = problem or auxiliary_problem(network, outputs, under_test.plies(is_known))
        require(problem is None, f"{problem}")


def check_further_loss_reaches_the_trunk(under_test: ModelUnderTest) -> None:
    """What further outputs learn shapes what the policy sees; their loss reaches the same parameters in every batch."""
    network = under_test.build().train()
    ask_only_if(isinstance(network, Auxiliary), "no further outputs")
    reached = []
    for is_known in (True, False):
        outputs = network(under_test.observe())
        reached.append(_reached(network, _further_loss(network, outputs, under_test.plies(is_known))))
    shared = reached[0] & _reached(network, _outputs(network(under_test.observe()))[0].float().square().mean())
    require(bool(shared), "the loss of further outputs must reach a parameter that the policy stands on")
    cut = sorted(reached[0] - reached[1])
    advice = "add the outputs times 0 where no outcome is known: several processes wait for every gradient"
    require(not cut, f"the loss must reach {cut[:3]} in a batch without outcomes too; {advice}")


def check_gpu_is_not_mixed_with_cpu(under_test: ModelUnderTest) -> None:
    """On a GPU, a pretended one, every tensor of forward pass, loss and gradient is the GPU's."""
    with asked_on_gpu() as gpu:
        network = under_test.build().train().to(gpu)
        outputs = network(under_test.observe().to(gpu))
        _loss_of(network, outputs, under_test).backward()  # type: ignore[no-untyped-call]


MODEL_CHECKS: Final[tuple[Check, ...]] = (
    check_shapes,
    check_outputs_are_finite,
    check_every_precision_is_finite,
    check_shared_state_is_left_alone,
    check_gradients_reach_every_parameter,
    check_batch_size_makes_no_difference,
    check_train_mode_makes_no_difference,
    check_input_and_layout,
    check_state_round_trip,
    check_seed_decides_weights,
    check_summary_counts_every_parameter,
    check_one_batch_overfits,
    check_layout_is_true,
    check_further_outputs_have_a_loss,
    check_further_loss_reaches_the_trunk,
    check_gpu_is_not_mixed_with_cpu,
)


def _evaluate(network: nn.Module, planes: Tensor) -> tuple[Tensor, Tensor]:
    with torch.no_grad():
        return _outputs(network(planes))


def _outputs(outputs: object) -> tuple[Tensor, Tensor]:
    """Returns logits and value of what `forward` returned; a third output is asked about by checks of its own."""
    are_two = isinstance(outputs, tuple) and len(outputs) in (2, 3) and all(isinstance(x, Tensor) for x in outputs[:2])
    require(are_two, f"forward must return the tuple (logits, value), got {type(outputs).__name__}")
    return cast(tuple[Tensor, Tensor], cast(tuple[object, ...], outputs)[:2])


def _further_loss(network: nn.Module, outputs: tuple[Any, ...], batch: Batch) -> Tensor:
    """Returns the loss of further outputs as a run asks for it; 0 where there are none."""
    if not isinstance(network, Auxiliary) or len(outputs) == len(OUTPUTS):
        return torch.zeros(())
    plies = {name: as_float32(tensor[: batch.num_plies]) for name, tensor in outputs[2].items()}
    return auxiliary_loss(network, plies, batch)[0]


def _reached(network: nn.Module, loss: Tensor) -> set[str]:
    """Returns the names of the parameters that a loss hangs on."""
    named = dict(network.named_parameters())
    if not loss.requires_grad:
        return set()
    gradients = torch.autograd.grad(loss, list(named.values()), allow_unused=True)
    return {name for name, gradient in zip(named, gradients, strict=True) if gradient is not None}


def _targets(num_positions: int) -> tuple[Tensor, Tensor]:
    """Draws actions, int64 [B], and values within -0.9..0.9, float32 [B]; always the same."""
    stream = torch.Generator().manual_seed(0)
    actions = torch.randint(NUM_ACTIONS, (num_positions,), generator=stream)
    return actions, torch.rand(num_positions, generator=stream) * 1.8 - 0.9


def _cross_entropy(network: nn.Module, planes: Tensor) -> float:
    return float(F.cross_entropy(_evaluate(network, planes)[0], _targets(len(planes))[0]))


def _explained_variance(network: nn.Module, planes: Tensor) -> float:
    values = _targets(len(planes))[1]
    return 1 - float((values - _evaluate(network, planes)[1]).var() / values.var())


def _loss_of(network: nn.Module, outputs: tuple[Any, ...], under_test: ModelUnderTest) -> Tensor:
    """Returns the loss of all outputs for the whole corpus."""
    logits, value = _outputs(outputs)
    return _main_loss(logits, value) + _further_loss(network, outputs, under_test.plies(device=logits.device))


def _main_loss(logits: Tensor, value: Tensor) -> Tensor:
    """Returns cross-entropy and squared error against the fixed targets, in float32 as in a run."""
    actions, values = _targets(len(logits))
    there = logits.device
    return F.cross_entropy(logits.float(), actions.to(there)) + F.mse_loss(value.float(), values.to(there))


def _train(network: nn.Module, planes: Tensor, num_steps: int) -> None:
    optimiser = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    for _ in range(num_steps):
        optimiser.zero_grad()
        _main_loss(*_outputs(network(planes))).backward()  # type: ignore[no-untyped-call]
        optimiser.step()


def _briefly_trained(under_test: ModelUnderTest) -> nn.Module:
    """Builds a network whose outputs have left what they start at, in eval mode."""
    network = under_test.build().train()
    _train(network, under_test.observe(OVERFIT_BATCH), 3)
    return network.eval()
