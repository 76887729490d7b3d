"""Real updates: what acts and what learns, in which dtype, and what a run that is taken up again goes on with."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from keisei_core.checkpoint import read_checkpoint, write_checkpoint
from keisei_core.run import Training
from keisei_plugins_ppo.loss import ppo_loss

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
FAST = {"optimizer__learning_rate": 1e-2, "optimizer__final_learning_rate": 1e-2}
RATIO_ERRORS = {"fp32": 1e-4, "bf16": 0.02, "fp16": 0.02}
Make = Callable[..., Training]


def digest(training: Training) -> str:
    """Hash of all that a checkpoint holds but the clock."""
    checkpoint = training.checkpoint()
    assert checkpoint is not None
    state = checkpoint.state | checkpoint.ranks[0].state | {"counters": training.counters.update}
    whole = hashlib.sha256(repr(sorted(state.items())).encode())
    for tensors in (checkpoint.weights, checkpoint.optimizer):
        for name in sorted(tensors):
            whole.update(name.encode() + tensors[name].contiguous().numpy().tobytes())
    return whole.hexdigest()


@pytest.mark.parametrize("precision", DTYPES)
def test_first_minibatch_has_the_probabilities_that_acted(training: Make, precision: str) -> None:
    learned = training(
        precision, optimizer__learning_rate=1e-2, optimizer__final_learning_rate=1e-2, model__tower_width=32
    )
    for _ in range(3):
        metrics, _ = learned.update()

    # The policy has left the uniform one by now: acting in another precision than learning shows.
    assert metrics["relative_entropy"] < 0.995
    assert metrics["first_ratio_error"] < RATIO_ERRORS[precision]


def test_acting_in_float32_and_learning_in_bfloat16_is_seen_in_the_ratio(training: Make) -> None:
    learned = training(
        "bf16", optimizer__learning_rate=1e-2, optimizer__final_learning_rate=1e-2, model__tower_width=32
    )
    honest = [learned.update()[0]["first_ratio_error"] for _ in range(3)][-1]
    learned.evaluator.precision = training("fp32").precision

    mixed_up = learned.update()[0]["first_ratio_error"]

    assert mixed_up > 3 * honest


@pytest.mark.parametrize("precision", DTYPES)
def test_network_acts_and_learns_in_the_dtype_and_gives_float32(training: Make, precision: str) -> None:
    learned = training(precision)
    seen: set[tuple[bool, torch.dtype]] = set()
    given: set[torch.dtype] = set()
    convolution = next(module for module in learned.network.modules() if isinstance(module, nn.Conv2d))
    convolution.register_forward_hook(lambda *given_: seen.add((torch.is_grad_enabled(), given_[-1].dtype)))
    learned.network.register_forward_hook(lambda *given_: given.update(output.dtype for output in given_[-1][:2]))

    learned.update()

    assert seen == {(False, DTYPES[precision]), (True, DTYPES[precision])}
    assert given == {torch.float32}


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
def test_parameters_gradients_and_moments_stay_float32(training: Make, precision: str) -> None:
    learned = training(precision)
    learned.update()

    parameters = list(learned.network.parameters())
    tensors = [*parameters, *(parameter.grad for parameter in parameters)]
    tensors += [moment for state in learned.learner.steps.optimizer.state.values() for moment in state.values()]

    assert {tensor.dtype for tensor in tensors if tensor is not None} == {torch.float32}


def value_loss_of_one_batch_learned_by_heart(learned: Training) -> tuple[float, float]:
    """Returns the value loss of a batch with random targets before and after many steps down it."""
    steps, options = learned.learner.steps, learned.settings.algorithm.options
    segment, _ = learned.source.next()
    target = np.sign(np.random.default_rng(0).normal(size=segment.action.shape)).astype(np.float32)
    batch = learned.learner.batches.batch(segment, np.arange(segment.num_plies))

    def loss() -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        return ppo_loss(
            steps.evaluate(batch),
            advantage=torch.ones(segment.num_plies),
            target=batch.of(target),
            old_log_prob=batch.column("log_prob"),
            is_drawn=batch.column("is_drawn"),
            clip=options.clip,
            policy_coefficient=options.policy_coefficient,
            value_coefficient=options.value_coefficient,
            entropy_coefficient=options.entropy_coefficient,
        )

    steps.begin(0.0)
    first = loss()[1]["value_loss"]
    for _ in range(150):
        steps.precision.step(loss()[0], steps.optimizer, 0.5)
    return float(first), float(loss()[1]["value_loss"])


def test_bfloat16_learns_a_batch_by_heart_about_as_far_as_float32(training: Make) -> None:
    keys = {
        "optimizer__learning_rate": 3e-3,
        "algorithm__entropy_coefficient": 0.0,
        "algorithm__value_coefficient": 2.0,
    }
    ends = {}
    for precision in ("fp32", "bf16"):
        first, ends[precision] = value_loss_of_one_batch_learned_by_heart(training(precision, **keys))
        assert ends[precision] < 0.5 * first

    assert ends["bf16"] < 2 * ends["fp32"]


def test_gradient_norm_in_float16_is_about_that_of_float32_so_that_clipping_means_the_same(training: Make) -> None:
    norms = [training(precision, algorithm__epochs=1).update()[0]["gradient_norm"] for precision in ("fp32", "fp16")]

    assert norms[1] == pytest.approx(norms[0], rel=0.05)


def test_gradient_that_overflows_skips_the_step_halves_the_scale_and_is_counted(training: Make) -> None:
    learned = training("fp16", precision__initial_scale=2.0**40, learning__max_skipped_steps=100, algorithm__epochs=1)
    before = [parameter.detach().clone() for parameter in learned.network.parameters()]

    metrics, _ = learned.update()

    assert metrics["skipped_steps"] == 2
    assert metrics["gradient_steps"] == 0
    assert metrics["precision_scale"] == 2.0**38
    assert all(map(torch.equal, before, learned.network.parameters()))
    assert not learned.learner.steps.optimizer.state


def test_training_goes_on_once_the_scale_fits(training: Make) -> None:
    learned = training("fp16", precision__initial_scale=2.0**40, learning__max_skipped_steps=100, algorithm__epochs=16)

    metrics, _ = learned.update()

    assert metrics["skipped_steps"] > 2
    assert metrics["gradient_steps"] > 2
    assert metrics["skipped_steps"] + metrics["gradient_steps"] == 32
    assert metrics["precision_scale"] == 2.0 ** (40 - metrics["skipped_steps"])


def resumed(training: Make, folder: Path, change: Callable[[dict[str, float]], object]) -> tuple[Training, Training]:
    """Returns a training of 4 updates, and one taken up after 2 with its loss scale changed somehow."""

    def make() -> Training:
        return training("fp16", precision__initial_scale=2.0**30, precision__growth_interval=3, algorithm__epochs=4)

    whole, half = make(), make()
    for _ in range(2):
        whole.update(), half.update()
    checkpoint = half.checkpoint()
    assert checkpoint is not None
    write_checkpoint(folder / "update-000002", checkpoint)
    read = read_checkpoint(folder / "update-000002")
    change(read.state["precision"])
    other = make()
    other.restore(read)
    for _ in range(2):
        whole.update(), other.update()
    return whole, other


def test_resume_of_float16_goes_on_bit_for_bit_with_its_scale(training: Make, tmp_path: Path) -> None:
    whole, other = resumed(training, tmp_path, lambda scaling: None)

    assert other.precision.state_dict() == whole.precision.state_dict()
    assert digest(other) == digest(whole)


@pytest.mark.parametrize(("part", "value"), [("scale", 2.0**30), ("growth_tracker", 0)])
def test_resume_without_a_part_of_the_scaling_differs(training: Make, tmp_path: Path, part: str, value: float) -> None:
    whole, other = resumed(training, tmp_path, lambda scaling: scaling.update({part: value}))

    assert digest(other) != digest(whole)
