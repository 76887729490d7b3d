"""The Bradley-Terry fit against hand-worked cases, a brute-force search and repeated tournaments."""

import itertools
import math

import numpy as np
import pytest

from keisei_core.arena import ratings
from keisei_core.arena.ratings import RatedMatch, fit_ratings
from keisei_core.arena.score import elo_of, score_of


def decisive(first: int, second: int, won: int, lost: int) -> RatedMatch:
    """A match whose pairs went all one way or all the other."""
    return RatedMatch(first, second, (lost // 2, 0, 0, 0, won // 2))


@pytest.fixture
def no_virtual_draws(monkeypatch):
    monkeypatch.setattr(ratings, "VIRTUAL_DRAWS", 0.0)


@pytest.mark.usefixtures("no_virtual_draws")
def test_two_players_differ_by_the_elo_of_their_score():
    fit = fit_ratings(2, [RatedMatch(1, 0, (10, 0, 20, 0, 70))], pinned=0)

    assert fit.elo == pytest.approx([0, elo_of(0.8)])
    # Information of 200 games at .8: 32; pairs won or lost whole vary more than that.
    surprise = 10 * 1.6**2 + 20 * 0.6**2 + 70 * 0.4**2
    dispersion = surprise / (100 * 2 * 0.8 * 0.2)
    assert fit.dispersion == pytest.approx(dispersion)
    assert fit.covariance[1, 1] == pytest.approx(dispersion / 32 * (400 / math.log(10)) ** 2)


@pytest.mark.usefixtures("no_virtual_draws")
def test_chain_adds_up_and_so_do_its_variances():
    matches = [RatedMatch(1, 0, (0, 0, 60, 0, 40)), RatedMatch(2, 1, (0, 0, 80, 0, 20))]

    fit = fit_ratings(3, matches, pinned=0)

    assert fit.elo == pytest.approx([0, elo_of(0.7), elo_of(0.7) + elo_of(0.6)])
    apart = [fit_ratings(2, [RatedMatch(1, 0, match.pairs)], pinned=0).covariance[1, 1] for match in matches]
    assert fit.covariance[2, 2] == pytest.approx(sum(apart))
    assert fit.difference(2, 1)[1] == pytest.approx(1.959964 * math.sqrt(apart[1]))


def log_likelihood(elo, matches) -> float:
    total = 0.0
    for match in matches:
        share = score_of(elo[match.first] - elo[match.second])
        total += match.points * math.log(share) + (match.games - match.points) * math.log(1 - share)
    return total


@pytest.mark.usefixtures("no_virtual_draws")
def test_fit_is_the_likeliest_by_brute_force():
    matches = [
        RatedMatch(1, 0, (3, 5, 10, 8, 14)),
        RatedMatch(2, 0, (1, 2, 8, 10, 20)),
        RatedMatch(1, 2, (10, 4, 9, 4, 7)),
        RatedMatch(0, 2, (12, 3, 4, 0, 1)),
    ]
    fit = fit_ratings(3, matches, pinned=0)

    grid = np.arange(0, 400, 2.0)
    best = max(itertools.product(grid, grid), key=lambda pair: log_likelihood([0, *pair], matches))
    assert fit.elo[1:] == pytest.approx(best, abs=1.5)

    def second_derivative(row: int, column: int, step: float = 0.5) -> float:
        def at(change_row: float, change_column: float) -> float:
            elo = fit.elo.copy()
            elo[row] += change_row
            elo[column] += change_column
            return log_likelihood(elo, matches)

        return (at(step, step) - at(step, -step) - at(-step, step) + at(-step, -step)) / (4 * step**2)

    information = -np.array([[second_derivative(row, column) for column in (1, 2)] for row in (1, 2)])
    expected = np.linalg.inv(information) * fit.dispersion
    assert fit.covariance[1:, 1:] == pytest.approx(expected, rel=1e-3)


def test_player_who_won_everything_has_a_finite_rating():
    fit = fit_ratings(2, [decisive(1, 0, won=100, lost=0)], pinned=0)

    # Two virtual draws (one for each player): 101 of 102 points.
    assert fit.elo[1] == pytest.approx(elo_of(101 / 102))
    assert fit.interval(1)[0] > 300


def test_many_games_leave_little_of_the_virtual_draws():
    matches = [RatedMatch(1, 0, (100, 100, 400, 300, 600)), decisive(2, 1, 30, 10), decisive(2, 0, 40, 0)]

    assert fit_ratings(3, matches, pinned=0).elo[1] == pytest.approx(elo_of(matches[0].points / 3000), abs=2)


def test_pinned_player_shifts_everybody_alike():
    matches = [decisive(1, 0, 30, 20), decisive(2, 1, 30, 10), decisive(2, 0, 40, 6)]

    low, high = fit_ratings(3, matches, pinned=0).elo, fit_ratings(3, matches, pinned=2).elo

    assert low - low[2] == pytest.approx(high)


def test_player_without_a_chain_to_the_pinned_one_is_not_rated():
    fit = fit_ratings(5, [decisive(1, 0, 30, 20), decisive(2, 3, 30, 10)], pinned=0)

    assert np.isfinite(fit.elo).tolist() == [True, True, False, False, False]


def test_nobody_met_anybody():
    fit = fit_ratings(2, [], pinned=0)

    assert fit.elo[0] == 0
    assert math.isnan(fit.elo[1])


def test_interval_holds_the_true_rating_as_often_as_it_says():
    random, truth = np.random.default_rng(0), np.array([0.0, 150.0, 320.0, 400.0])
    held = trials = 0
    for _ in range(300):
        matches = []
        for first, second in itertools.combinations(range(4), 2):
            share = score_of(truth[first] - truth[second])
            # The second game of a pair goes as the first one did, one time in two.
            one = random.random(40) < share
            other = np.where(random.random(40) < 0.5, one, random.random(40) < share)
            counts = np.bincount(2 * (one.astype(int) + other), minlength=5)
            matches.append(RatedMatch(first, second, tuple(counts.tolist())))
        fit = fit_ratings(4, matches, pinned=0)
        for player in (1, 2, 3):
            low, high = fit.interval(player)
            held += low <= truth[player] <= high
            trials += 1

    # 95 % less two standard errors of 300 tournaments.
    assert held / trials >= 0.925
    assert held / trials <= 0.985
