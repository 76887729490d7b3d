"""Scores: intervals from pairs, Elo, pentanomial counts."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from keisei_core.arena import Score, pair_interval
from keisei_core.arena.score import Tally, elo_of, score_of
from keisei_core.shogi import Ending


@pytest.mark.parametrize(
    ("pairs", "low", "high"),
    [
        # Wilson's interval of 100 of 100 and of 0 of 100 independent games: 0.963 and 0.037.
        pytest.param([1.0] * 50, 0.963, 1.0, id="all-won"),
        pytest.param([0.0] * 50, 0.0, 0.037, id="all-lost"),
        # Both games of a pair always alike: 100 pairs tell as much as 100 games.
        pytest.param([1.0, 0.0] * 50, 0.404, 0.596, id="pairs-all-or-nothing-count-once"),
        # Drawn throughout: as sure as 60 independent games, and no surer for being all alike.
        pytest.param([0.5] * 30, 0.377, 0.623, id="all-drawn"),
    ],
)
def test_interval_of_pairs(pairs, low, high):
    assert pair_interval(np.array(pairs)) == pytest.approx((low, high), abs=0.002)


@pytest.mark.parametrize("num_pairs", [5, 30, 100])
@pytest.mark.parametrize(
    "shares",
    [
        pytest.param({0.5: 0.9, 0.75: 0.08, 1.0: 0.02}, id="many-drawn"),
        pytest.param({0.0: 0.25, 0.5: 0.5, 1.0: 0.25}, id="even"),
        pytest.param({0.0: 0.04, 0.5: 0.32, 1.0: 0.64}, id="strong"),
        pytest.param({0.5: 0.05, 0.75: 0.15, 1.0: 0.8}, id="nearly-all-won"),
    ],
)
def test_interval_holds_the_true_score_at_least_as_often_as_it_says(shares, num_pairs):
    random, scores = np.random.default_rng(0), np.array(list(shares))
    truth = float(scores @ list(shares.values()))

    held = 0
    for _ in range(1_000):
        low, high = pair_interval(random.choice(scores, num_pairs, p=list(shares.values())))
        held += low <= truth <= high

    # 95 % less two standard errors of 1,000 trials.
    assert held >= 936


@pytest.mark.parametrize(
    ("score", "elo"),
    [(0.5, 0.0), (10 / 11, 400.0), (1 / 11, -400.0), (0.6, 70.44), (1.0, math.inf), (0.0, -math.inf)],
)
def test_elo_of_a_score(score, elo):
    assert elo_of(score) == pytest.approx(elo, abs=0.01)
    if math.isfinite(elo):
        assert score_of(elo) == pytest.approx(score, abs=1e-4)


def test_elo_interval_is_that_of_the_score():
    score = Score(wins=6, draws=2, losses=2, truncated=0, low=0.4, high=0.9)

    assert score.elo == pytest.approx((elo_of(0.7), elo_of(0.4), elo_of(0.9)))


def test_tally_counts_games_and_pairs():
    tally = Tally()
    games = {
        "win": SimpleNamespace(points=1.0, ending=Ending.MATE),
        "loss": SimpleNamespace(points=0.0, ending=Ending.DECLARATION),
        "draw": SimpleNamespace(points=0.5, ending=Ending.REPETITION),
        "cut": SimpleNamespace(points=0.5, ending=Ending.MAX_PLIES),
    }
    for pair in (("win", "win"), ("win", "draw"), ("loss", "win"), ("cut", "draw"), ("loss", "cut"), ("loss", "loss")):
        tally.add(games[name] for name in pair)

    score = tally.score()

    assert (score.wins, score.draws, score.losses, score.truncated) == (4, 2, 4, 2)
    assert score.pairs == (1, 1, 2, 1, 1)
    assert score.score == 0.5
    assert (score.low, score.high) == pair_interval(np.array([1, 0.75, 0.5, 0.5, 0.25, 0]))
