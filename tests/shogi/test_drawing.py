"""Moves drawn from logits: the policy and the draws that torch has, whatever stands beside a row."""

import numpy as np
import pytest
import torch

from keisei_core.evaluate import log_policy, sample
from keisei_core.shogi import NUM_ACTIONS, Games, draw_moves

FIRST, SECOND, LAST = 5, 700, NUM_ACTIONS - 1


@pytest.fixture(scope="module")
def games() -> Games:
    made = Games(40, seed=1)
    for _ in range(60):
        made.step(made.sample())
    return made


def logits_of(games: Games) -> np.ndarray:
    return np.random.default_rng(2).normal(0, 3, (len(games), NUM_ACTIONS)).astype(np.float32)


def three_moves(logits: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Returns logits and the mask of a position with three legal moves, among them the last of all actions."""
    row, legal = np.full((1, NUM_ACTIONS), 50, np.float32), np.zeros((1, NUM_ACTIONS), np.bool_)
    row[0, [FIRST, SECOND, LAST]], legal[0, [FIRST, SECOND, LAST]] = logits, True
    return row, legal


def test_draws_and_log_probabilities_are_those_of_torch(games):
    logits, legal = logits_of(games), games.legal.view(np.bool_)
    shares = torch.rand(len(games), generator=torch.Generator().manual_seed(7))

    actions, log_probs = draw_moves(logits, legal, shares.numpy())

    every = log_policy(torch.from_numpy(logits), torch.from_numpy(legal))
    assert actions.tolist() == sample(every, torch.Generator().manual_seed(7)).tolist()
    wanted = every.gather(1, torch.from_numpy(actions).long()[:, None])[:, 0]
    np.testing.assert_allclose(log_probs, wanted, atol=2e-6)


def test_row_gets_the_same_whatever_stands_beside_it(games):
    logits, legal, shares = logits_of(games), games.legal.view(np.bool_), np.full(len(games), 0.3, np.float32)

    whole = np.stack(draw_moves(logits, legal, shares))

    for row in range(len(games)):
        part = slice(row, row + 1)
        np.testing.assert_array_equal(whole[:, part], draw_moves(logits[part], legal[part], shares[part]))


@pytest.mark.parametrize(("share", "action"), [(0.0, LAST), (0.74, SECOND), (0.76, FIRST), (1 - 2**-24, FIRST)])
def test_share_counts_from_the_last_move(share, action):
    logits, legal = three_moves((0.0, np.log(2.0), 0.0))

    actions, log_probs = draw_moves(logits, legal, np.array([share], np.float32))

    assert actions.tolist() == [action]
    assert log_probs[0] == pytest.approx(np.log(0.5 if action == SECOND else 0.25))


@pytest.mark.parametrize("share", [0.0, 0.5, 1 - 2**-24])
def test_move_of_no_probability_is_never_drawn(share):
    logits, legal = three_moves((-1e4, 3.0, -1e4))

    assert draw_moves(logits, legal, np.array([share], np.float32))[0].tolist() == [SECOND]


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_number_that_is_not_finite_is_seen_in_the_log_probability_and_the_move_is_legal(number):
    logits, legal = three_moves((0.0, number, 0.0))

    actions, log_probs = draw_moves(logits, legal, np.array([0.5], np.float32))

    assert legal[0, int(actions[0])]
    assert np.isnan(log_probs[0])
