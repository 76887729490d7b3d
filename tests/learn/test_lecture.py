"""A teacher's part of the loss: what counts, by how much, and what does not count at all."""

import numpy as np
import pytest
import torch

from keisei_core.evaluate import MovePolicy
from keisei_core.learn import MoveSets, MoveWeights, Targets
from keisei_core.learn.teaching import Lecture

NUM_ACTIONS = 2187


def float32(*numbers: float) -> np.ndarray:
    return np.array(numbers, np.float32)


@pytest.fixture
def logits() -> torch.Tensor:
    torch.manual_seed(0)
    return torch.randn(3, NUM_ACTIONS, requires_grad=True)


def lecture(targets: Targets, weight: float = 1.0) -> Lecture:
    return Lecture("toy", weight, targets, None, 0)


def policy_of(logits: torch.Tensor) -> MovePolicy:
    """Every action is legal."""
    return MovePolicy.of(logits, torch.arange(NUM_ACTIONS).repeat(len(logits), 1))


def loss_of(targets: Targets, logits: torch.Tensor, value: torch.Tensor | None = None, weight: float = 1.0):
    return lecture(targets, weight).loss(policy_of(logits), torch.zeros(3) if value is None else value, 3)


def test_position_of_weight_0_may_have_an_empty_set_and_teaches_nothing(logits):
    sets = np.zeros((3, NUM_ACTIONS), np.bool_)
    sets[0, 5] = True

    loss, figures = loss_of(Targets(policy=MoveSets.of(sets), weight=float32(1, 0, 0)), logits)
    loss.backward()

    probability = torch.softmax(logits.detach()[0], 0)[5]
    assert loss.item() == pytest.approx(-probability.log().item() / 3)
    assert figures["toy_share"].item() == pytest.approx(probability.item())
    assert torch.isfinite(logits.grad).all()
    assert not logits.grad[1:].any()


def test_figures_of_the_segment_are_told_with_every_minibatch(logits):
    told = Lecture("toy", 1.0, None, None, 0, {"searched": 0.25})

    _, figures = told.loss(policy_of(logits), torch.zeros(3), 3)

    assert figures["toy_searched"].item() == 0.25


def test_minibatch_in_which_nothing_counts_has_no_loss(logits):
    nothing = MoveWeights(action=np.zeros((3, 1), np.int16), weight=np.zeros((3, 1), np.float32))

    loss, figures = loss_of(Targets(policy=nothing, weight=float32(0, 0, 0)), logits)

    assert loss.item() == 0
    assert all(torch.isfinite(figure) for figure in figures.values())


def test_values_count_by_their_own_weight_and_half_their_squared_error(logits):
    targets = Targets(weight=float32(1, 1, 1), value=float32(1, 0, 0), value_weight=float32(3, 0, 1))

    loss, figures = loss_of(targets, logits, torch.tensor([0.0, 9.0, 1.0]), weight=2.0)

    assert loss.item() == pytest.approx(2.0 * (3 * 0.5 + 0.5) / 3)
    assert figures["toy_value_error"].item() == pytest.approx(1.0)
    assert figures["toy_loss"].item() == pytest.approx(2 / 3)


def test_lessons_beside_give_no_figures_that_another_process_may_not_have(logits):
    sets = np.zeros((2, NUM_ACTIONS), np.bool_)
    sets[:, 5] = True
    targets = Targets(policy=MoveSets.of(sets), weight=float32(1, 1))
    policy = policy_of(logits)

    _, found = Lecture("toy", 1.0, None, targets, 1).loss(policy, torch.zeros(3), 1)
    _, none_found = Lecture("toy", 1.0, None, None, 1).loss(policy, torch.zeros(3), 1)

    assert found.keys() == none_found.keys() == {"toy_loss"}
