"""The masked policy."""

import math

import pytest
import torch

from keisei_core.evaluate import entropy, log_policy, sample
from keisei_core.evaluate.policy import probabilities

LOGITS = torch.tensor([[0.0, 1.0, 2.0, 3.0], [5.0, 5.0, 5.0, 5.0]])
LEGAL = torch.tensor([[1, 0, 1, 0], [1, 1, 0, 1]], dtype=torch.uint8)


def test_policy_sums_to_one_over_legal_actions_only():
    probabilities = log_policy(LOGITS, LEGAL).exp()

    assert torch.allclose(probabilities.sum(dim=1), torch.ones(2))
    assert (probabilities[LEGAL == 0] == 0).all()
    assert math.isclose(probabilities[0, 2] / probabilities[0, 0], math.e**2, rel_tol=1e-5)


def test_entropy_of_equal_actions_is_the_logarithm_of_their_number_and_never_nan():
    spread = entropy(log_policy(LOGITS, LEGAL))

    assert math.isclose(spread[1], math.log(3), rel_tol=1e-5)
    assert torch.isfinite(spread).all()


def test_entropy_gradient_is_finite_with_illegal_actions():
    logits = LOGITS.clone().requires_grad_()

    entropy(log_policy(logits, LEGAL)).sum().backward()

    assert torch.isfinite(logits.grad).all()


def test_sample_follows_the_policy():
    log_probs = log_policy(LOGITS[:1], LEGAL[:1]).expand(20_000, -1)

    drawn = sample(log_probs, torch.Generator().manual_seed(0))

    shares = torch.bincount(drawn, minlength=4) / 20_000
    # Three standard errors of a share of 20,000 draws are below 0.011.
    assert torch.allclose(shares, log_probs[0].exp(), atol=0.011)


def test_probabilities_are_the_exponentials_and_nothing_where_illegal():
    log_probs = log_policy(LOGITS, LEGAL)

    assert torch.allclose(probabilities(log_probs), log_probs.exp(), atol=1e-7)
    assert (probabilities(log_probs)[LEGAL == 0] == 0).all()


def test_entropy_gradient_is_that_of_its_definition():
    expected, logits = (LOGITS.double().requires_grad_() for _ in range(2))
    log_probs = log_policy(expected, LEGAL)
    (-(log_probs.exp() * log_probs).sum(dim=1)).sum().backward()

    entropy(log_policy(logits, LEGAL)).sum().backward()

    assert torch.allclose(logits.grad, expected.grad, atol=1e-12)


@pytest.mark.parametrize("number", [0.0, 1 - 2**-24])
def test_sample_is_legal_at_either_end_of_the_random_numbers(number, monkeypatch):
    legal = torch.tensor([[0, 1, 1, 0]], dtype=torch.uint8)
    monkeypatch.setattr(torch, "rand", lambda *shape, **_: torch.full(shape, number))

    drawn = sample(log_policy(LOGITS[:1], legal), torch.Generator())

    assert drawn.tolist() == [2 if number == 0 else 1]


def test_sample_is_legal_where_a_sum_taken_in_parallel_rises_over_an_illegal_action(monkeypatch):
    legal = torch.tensor([[1, 0, 1, 0]], dtype=torch.uint8)
    monkeypatch.setattr(torch.Tensor, "cumsum", lambda *_, **__: torch.tensor([[0.4, 0.5, 0.9, 1.0]]))
    monkeypatch.setattr(torch, "rand", lambda *shape, **_: torch.full(shape, 0.55))

    drawn = sample(log_policy(LOGITS[:1], legal), torch.Generator())

    assert drawn.tolist() == [2]


def test_sample_is_the_same_under_the_same_seed():
    log_probs = log_policy(torch.zeros(50, 4), torch.ones(50, 4, dtype=torch.uint8))

    first, second = (sample(log_probs, torch.Generator().manual_seed(7)) for _ in range(2))

    assert torch.equal(first, second)


def test_gradient_is_zero_where_illegal_and_that_of_the_legal_actions_alone_elsewhere():
    whole, alone = LOGITS[:1].clone().requires_grad_(), LOGITS[:1, [0, 2]].clone().requires_grad_()
    both = log_policy(whole, LEGAL[:1]), torch.log_softmax(alone, dim=1)
    (both[0][0, 2] + entropy(both[0])[0]).backward()
    (both[1][0, 1] - (both[1].exp() * both[1]).sum()).backward()

    assert torch.allclose(whole.grad[0, [0, 2]], alone.grad[0], atol=1e-6)
    assert whole.grad[0, [1, 3]].tolist() == [0, 0]
