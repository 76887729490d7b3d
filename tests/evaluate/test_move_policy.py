"""The policy over legal moves against the one over all actions, written out."""

import numpy as np
import pytest
import torch

from keisei_core.evaluate import MovePolicy, entropy, log_policy
from keisei_core.shogi import NUM_ACTIONS, Games, legal_mask, legal_moves


@pytest.fixture(scope="module")
def games() -> Games:
    games = Games(40, seed=3)
    for _ in range(30):
        games.step(games.sample())
    return games


@pytest.fixture
def logits(games: Games) -> torch.Tensor:
    return 3 * torch.randn(len(games), NUM_ACTIONS, generator=torch.Generator().manual_seed(2))


def both(games: Games, logits: torch.Tensor) -> tuple[MovePolicy, torch.Tensor]:
    moves = torch.from_numpy(legal_moves(games.positions))
    return MovePolicy.of(logits, moves), log_policy(logits, torch.from_numpy(games.legal))


def test_moves_are_those_of_the_mask_in_rising_order_and_then_nothing(games):
    moves, legal = legal_moves(games.positions), legal_mask(games.positions)

    for listed, mask in zip(moves, legal, strict=True):
        expected = np.flatnonzero(mask)
        assert listed[: len(expected)].tolist() == expected.tolist()
        assert (listed[len(expected) :] == NUM_ACTIONS).all()
    assert moves.shape[1] == legal.sum(axis=1).max()


def test_no_positions_have_no_moves():
    assert legal_moves(Games(1).positions[:0]).shape == (0, 0)


def test_log_probabilities_are_those_of_the_whole_policy(games, logits):
    policy, whole = both(games, logits)
    action = torch.from_numpy(games.legal.argmax(axis=1))

    torch.testing.assert_close(policy.log_prob(action), whole.gather(1, action[:, None])[:, 0])
    torch.testing.assert_close(policy.entropy(), entropy(whole))
    assert policy.num_moves.tolist() == games.num_legal.tolist()


def test_several_actions_may_be_asked_about_and_an_illegal_one_is_as_good_as_impossible(games, logits):
    policy, whole = both(games, logits)
    legal, illegal = (torch.from_numpy(mask.argmax(axis=1)) for mask in (games.legal, 1 - games.legal))

    found = policy.log_prob(torch.stack([legal, illegal, legal], dim=1))

    torch.testing.assert_close(found[:, 0], whole.gather(1, legal[:, None])[:, 0])
    assert torch.equal(found[:, 0], found[:, 2])
    assert (found[:, 1] < -1e8).all()


def test_share_of_moves_is_the_sum_of_their_probabilities(games, logits):
    policy, _ = both(games, logits)
    chosen = (policy.moves < NUM_ACTIONS) & (policy.moves % 2 == 0)

    expected = (policy.log_probs.exp() * chosen).sum(dim=1)
    torch.testing.assert_close(policy.log_share(chosen).exp(), expected)


def test_gradient_is_that_of_the_whole_policy(games, logits):
    action = torch.from_numpy(games.legal.argmax(axis=1))
    one, other = logits.clone().requires_grad_(), logits.clone().double().requires_grad_()
    policy, _ = both(games, one)
    whole = log_policy(other, torch.from_numpy(games.legal))

    (policy.log_prob(action) - 0.1 * policy.entropy()).sum().backward()
    (whole.gather(1, action[:, None])[:, 0] + 0.1 * (whole.exp() * whole).sum(dim=1)).sum().backward()

    torch.testing.assert_close(one.grad, other.grad.float(), rtol=1e-5, atol=1e-6)
    assert (one.grad[torch.from_numpy(games.legal) == 0] == 0).all()


def test_rows_can_be_selected(games, logits):
    policy, _ = both(games, logits)

    assert torch.equal(policy[3:5].log_probs, policy[torch.tensor([3, 4])].log_probs)
    assert len(policy[3:5]) == 2
