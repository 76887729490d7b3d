"""The masked policy."""

import math

import torch

from keisei_core.act import entropy, log_policy, sample

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


def test_sample_is_the_same_under_the_same_seed():
    log_probs = log_policy(torch.zeros(50, 4), torch.ones(50, 4, dtype=torch.uint8))

    first, second = (sample(log_probs, torch.Generator().manual_seed(7)) for _ in range(2))

    assert torch.equal(first, second)
