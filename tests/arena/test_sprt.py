"""The sequential test against published values and against slow maximisation."""

import itertools

import numpy as np
import pytest

from keisei_core.arena import Sprt, Verdict
from keisei_core.arena.score import score_of

POINTS = np.array([0, 0.25, 0.5, 0.75, 1])


@pytest.mark.parametrize(
    ("elo0", "elo1", "pairs", "ratio"),
    [
        # What fishtest showed, to two places, for tests of 2020 (Stockfish pull requests 2971, 2951, 2920, 3017).
        (-0.5, 1.5, (17, 253, 1042, 337, 39), 2.96),
        (0.25, 1.75, (11, 407, 3238, 513, 11), 2.93),
        (-0.5, 1.5, (59, 754, 2467, 865, 75), 2.95),
        (0.25, 1.75, (33, 1185, 8378, 1302, 50), 2.95),
        (-0.5, 1.5, (665, 4806, 9333, 4893, 747), 2.95),
        (-1.5, 0.5, (174, 2658, 10273, 2713, 178), 2.96),
    ],
)
def test_ratio_is_the_published_one(elo0, elo1, pairs, ratio):
    assert Sprt(elo0=elo0, elo1=elo1).ratio(pairs) == pytest.approx(ratio, abs=0.0051)


def likeliest(counts, mean):
    """The largest log-likelihood of a distribution with this mean, by searching a grid of three kinds of pairs."""
    best = -np.inf
    for first in np.linspace(0.001, 0.999, 4_000):
        # shares (first, rest - last, last) of points 0, 1/2, 1 with the mean given
        last = 2 * (mean - 0.5 * (1 - first))
        middle = 1 - first - last
        if min(last, middle) > 0:
            best = max(best, float(np.dot(counts, np.log([first, middle, last]))))
    return best


def test_ratio_is_that_of_the_likeliest_distributions():
    counts = (10, 0, 30, 0, 25)
    sprt = Sprt(elo0=0, elo1=70)

    slow = likeliest((10, 30, 25), score_of(70)) - likeliest((10, 30, 25), score_of(0))

    assert sprt.ratio(counts) == pytest.approx(slow, abs=0.01)


def test_ratio_grows_with_every_better_pair_and_changes_sign_with_the_sides():
    sprt = Sprt(elo0=-35, elo1=35)
    ratios = [sprt.ratio(tuple(5 + 5 * (kind == better) for kind in range(5))) for better in range(5)]

    assert all(one < other for one, other in itertools.pairwise(ratios))
    assert sprt.ratio((3, 5, 9, 4, 7)) == pytest.approx(-sprt.ratio((7, 4, 9, 5, 3)))
    assert sprt.ratio((4, 4, 4, 4, 4)) == pytest.approx(0, abs=1e-9)


def test_bounds_are_walds():
    assert Sprt(elo0=0, elo1=5).bounds == pytest.approx((-2.944, 2.944), abs=0.001)
    assert Sprt(elo0=0, elo1=5, alpha=0.01, beta=0.1).bounds == pytest.approx((-2.2925, 4.4998), abs=0.001)


@pytest.mark.parametrize(("truth", "expected"), [(0, Verdict.NOT_STRONGER), (70, Verdict.STRONGER)])
def test_error_rates_are_kept(truth, expected):
    random, sprt = np.random.default_rng(0), Sprt(elo0=0, elo1=70)
    shares = np.array([0.1, 0.2, 0.4, 0.2, 0.1])
    tilted = shares
    while (tilted / tilted.sum()) @ POINTS < score_of(truth) - 1e-4:
        tilted = tilted * np.exp(0.001 * POINTS)
    right = 0
    for _ in range(200):
        counts, verdict = np.zeros(5), Verdict.OPEN
        while verdict is Verdict.OPEN:
            counts += random.multinomial(4, tilted / tilted.sum())
            verdict = sprt.judge(counts.tolist())
        right += verdict is expected

    # 95 % less two standard errors of 200 trials; overshooting the bound errs on the safe side.
    assert right >= 184


def test_unordered_hypotheses_are_refused():
    with pytest.raises(ValueError, match=r"elo1 must be greater than elo0 \(5\), got 0"):
        Sprt(elo0=5, elo1=0)
