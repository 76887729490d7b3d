"""Gradient steps whose figures are read some steps later are the same steps, and count the same."""

import math
from collections.abc import Callable
from typing import Any

import attrs
import pytest
import torch
from torch import Tensor

from keisei_core.distribution import Single
from keisei_core.errors import DivergedError, StoppedError
from keisei_core.learn import Report
from keisei_core.precision import clip_and_step, clip_and_step_on_device
from keisei_core.run import Training

ALONE = Single(torch.device("cpu"))
MANY = 64
KEYS: dict[str, Any] = {
    "algorithm__epochs": 5,
    "selfplay__max_plies": 12,
    "algorithm__target_kl": 0,
    "learning__minibatch": 16,
    "learning__max_skipped_steps": 100,
    "teaching__teachers": ["tactics"],
    "teaching__tactics__side_mates": 0.5,
}


def broken_at(training: Training, steps: dict[int, str]) -> None:
    """Makes the losses or gradients of some steps nan."""
    forward, number = training.network.forward, iter(range(10**6))

    def broken(planes: Tensor, material: Tensor) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        logits, value, extra = forward(planes, material)
        kind = steps.get(next(number)) if torch.is_grad_enabled() else None
        if kind == "gradient":  # the root has no slope at 0
            value = value + (value * 0).abs().sqrt()
        return logits * float("nan") if kind == "loss" else logits, value, extra

    training.network.forward = broken  # type: ignore[method-assign]


def plainly(training: Training) -> None:
    """Hands on the figures as an algorithm may that has read them: as a dict of numbers."""
    take = training.learner.steps.take
    training.learner.steps.take = lambda outputs, loss, figures, report: take(  # type: ignore[method-assign]
        outputs, loss, dict(figures), report
    )


def learned(
    settings: Any, read_every: int, steps: dict[int, str], change: Callable[[Training], None] = lambda training: None
) -> tuple[Report, dict[str, Tensor]]:
    training = Training(settings, ALONE)
    training.learner.steps.read_every = read_every
    segment, _ = training.source.next()
    broken_at(training, steps)
    change(training)
    report = training.learner.update(segment, 0.0)
    state = training.checkpoint()
    return report, state.weights | {f"optimizer {name}": tensor for name, tensor in state.optimizer.items()}


@pytest.mark.parametrize("read_every", [3, MANY])
@pytest.mark.parametrize("steps", [{}, {0: "loss", 1: "gradient", 7: "loss", 8: "gradient"}], ids=["good", "nan"])
def test_figures_read_later_are_those_read_at_once_and_so_are_weights_and_moments(
    tiny: Callable[..., Any], read_every: int, steps: dict[int, str]
) -> None:
    at_once, expected = learned(tiny(**KEYS), 1, steps)
    later, tensors = learned(tiny(**KEYS), read_every, steps)

    assert later.num_skipped == at_once.num_skipped == len(steps)
    assert later.num_steps == at_once.num_steps > 10
    assert later.figures == at_once.figures
    assert tensors.keys() == expected.keys()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in tensors.items())


def test_end_by_kl_is_the_same_where_figures_are_read_later(tiny: Callable[..., Any]) -> None:
    settings = tiny(**KEYS | {"algorithm__target_kl": 1e-6, "optimizer__learning_rate": 0.05})
    (at_once, expected), (later, tensors) = (learned(settings, every, {}) for every in (1, MANY))

    assert at_once.figures == later.figures
    assert at_once.figures["stopped_by_kl"] == 1
    assert all(torch.equal(tensor, expected[name]) for name, tensor in tensors.items())


def test_stop_is_heard_at_the_step_that_reads(tiny: Callable[..., Any]) -> None:
    training = Training(tiny(**KEYS), ALONE)
    training.learner.steps.read_every = 4
    segment, _ = training.source.next()
    answers = iter([False, True])

    with pytest.raises(StoppedError, match="during learning"):
        training.learner.update(segment, 0.0, lambda: next(answers, True))

    assert {int(state["step"]) for state in training.learner.steps.optimizer.state.values()} == {4}


def test_stop_is_heard_where_the_algorithm_reads_figures_and_hands_on_numbers(tiny: Callable[..., Any]) -> None:
    training = Training(tiny(**KEYS), ALONE)
    training.learner.steps.read_every = MANY
    plainly(training)
    segment, _ = training.source.next()
    answers = iter([False, True])

    with pytest.raises(StoppedError, match="during learning"):
        training.learner.update(segment, 0.0, lambda: next(answers, True))

    assert {int(state["step"]) for state in training.learner.steps.optimizer.state.values()} == {1}


@pytest.mark.parametrize("target_kl", [0, 1e3], ids=["unread", "read"])
@pytest.mark.parametrize("hands_on", [lambda training: None, plainly], ids=["as-told", "as-numbers"])
def test_loss_that_is_inf_with_a_gradient_that_is_not_is_skipped_whoever_has_read_figures(
    tiny: Callable[..., Any], hands_on: Callable[[Training], None], target_kl: float
) -> None:
    def change(training: Training) -> None:
        hands_on(training)
        evaluate, number = training.learner.steps.evaluate, iter(range(10**6))

        def beyond(batch: Any) -> Any:
            outputs = evaluate(batch)
            return attrs.evolve(outputs, beside=outputs.beside + (math.inf if next(number) == 2 else 0.0))

        training.learner.steps.evaluate = beyond  # type: ignore[method-assign]

    settings = tiny(**KEYS | {"algorithm__target_kl": target_kl})
    (at_once, expected), (later, tensors) = (learned(settings, every, {}, change) for every in (1, MANY))

    assert later.num_skipped == at_once.num_skipped == 1
    assert later.figures == at_once.figures
    assert all(torch.equal(tensor, expected[name]) for name, tensor in tensors.items())


def test_too_many_nan_in_a_row_end_the_run_where_figures_are_read_later(tiny: Callable[..., Any]) -> None:
    with pytest.raises(DivergedError, match="5 steps in a row"):
        learned(tiny(**KEYS | {"learning__max_skipped_steps": 5}), MANY, dict.fromkeys(range(2, 8), "gradient"))


@pytest.mark.parametrize("bad", [None, float("nan"), float("inf")])
def test_step_left_out_by_the_device_leaves_what_a_step_that_nobody_takes_leaves(bad: float | None) -> None:
    ways = []
    for way in (clip_and_step, clip_and_step_on_device):
        torch.manual_seed(0)
        weights = torch.nn.Parameter(torch.randn(100))
        optimizer = torch.optim.Adam([weights], lr=0.1, fused=True)
        for step in range(4):
            weights.grad = torch.randn(100)
            if bad is not None and step == 2:
                weights.grad[5] = bad
            way(optimizer, 0.5)
        ways.append([weights.detach(), *optimizer.state[weights].values()])

    assert all(map(torch.equal, *ways))
