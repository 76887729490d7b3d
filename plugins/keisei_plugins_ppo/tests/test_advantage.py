"""The signs of alternating play, worked out by hand."""

import numpy as np
import pytest

from keisei_core.experience import Segment
from keisei_core.shogi import Ending
from keisei_plugins_ppo.advantage import estimate

Played = tuple[Segment, np.ndarray, np.ndarray]
"""Plies, values of their positions and of those after them, values beyond a cut."""


def segment(
    reward: list[float], ending: list[Ending], value: list[float], cut_value: list[float] | None = None
) -> Played:
    """One game's plies as a segment of B = 1."""
    made = Segment.empty(len(ending), 1, ())
    made.ending[:, 0] = ending
    assert made.reward[:, 0].tolist() == reward
    beyond_cut = np.array(cut_value or [0.0] * len(ending), np.float32)
    return made, np.array(value, np.float32)[:, None], beyond_cut[:, None]


def advantages(played: Played, gamma: float = 1.0, gae_lambda: float = 1.0) -> list[float]:
    return [float(x) for x in estimate(*played, gamma=gamma, gae_lambda=gae_lambda)[:, 0]]


def test_two_ply_game_winner_gains_and_loser_loses():
    # The first player blunders, the second mates: values 0, gamma = lambda = 1.
    played = segment([0, 1], [Ending.NONE, Ending.MATE], [0, 0, 0.7])

    assert advantages(played) == [-1, 1]


def test_two_ply_game_with_values_counts_each_for_its_own_mover():
    # delta_1 = 1 - V1 = 0.6; delta_0 = -V1 - V0 = -0.4 - 0.1 = -0.5; A_0 = delta_0 - lambda * A_1.
    played = segment([0, 1], [Ending.NONE, Ending.MATE], [0.1, 0.4, 9])

    assert advantages(played, gae_lambda=0.5) == pytest.approx([-0.5 - 0.5 * 0.6, 0.6])


def test_gamma_discounts_the_next_value_and_the_carry():
    played = segment([0, 1], [Ending.NONE, Ending.MATE], [0.1, 0.4, 9])

    assert advantages(played, gamma=0.9, gae_lambda=0.5) == pytest.approx([-0.9 * 0.4 - 0.1 - 0.45 * 0.6, 0.6])


def test_draw_is_worth_nothing_to_either_player():
    played = segment([0, 0], [Ending.NONE, Ending.REPETITION], [0.25, -0.5, 0.9])

    # The one who hoped for 0.25 is disappointed, the one who feared -0.5 relieved.
    assert advantages(played) == [-0.25, 0.5]


def test_truncated_game_goes_on_with_the_other_players_value_and_is_no_draw():
    # Player to move after the cut expects +0.8: the one who moved last stands at -0.8.
    played = segment([0, 0], [Ending.NONE, Ending.MAX_PLIES], [0, 0, 0.3], cut_value=[0, 0.8])

    assert advantages(played) == pytest.approx([0.8, -0.8])


def test_truncated_game_does_not_leak_into_the_next_game():
    played = segment([0, 1], [Ending.MAX_PLIES, Ending.MATE], [0, 0, 0], cut_value=[0.5, 0])

    assert advantages(played) == [-0.5, 1]


@pytest.mark.parametrize(
    ("ending", "reward", "expected"),
    [
        pytest.param(Ending.PERPETUAL_CHECK_BY_MOVER, -1, [1, -1], id="the-last-mover-gave-perpetual-check"),
        pytest.param(Ending.PERPETUAL_CHECK_BY_OPPONENT, 1, [-1, 1], id="the-other-gave-perpetual-check"),
        pytest.param(Ending.DECLARATION, -1, [1, -1], id="the-other-declares"),
    ],
)
def test_game_lost_by_rule_is_lost_by_the_right_player(ending: Ending, reward: float, expected: list[float]):
    played = segment([0, reward], [Ending.NONE, ending], [0, 0, 0])

    assert advantages(played) == expected


def test_unfinished_game_is_bootstrapped_with_the_value_after_the_segment():
    played = segment([0], [Ending.NONE], [0.1, 0.6])

    assert advantages(played) == pytest.approx([-0.6 - 0.1])


def test_advantages_equal_a_slow_plain_recursion():
    random = np.random.default_rng(3)
    played = Segment.empty(40, 5, ())
    values = random.uniform(-1, 1, (41, 5)).astype(np.float32)
    played.ending[:] = random.choice([0, 0, 0, 0, 1, 2, 6], played.ending.shape)
    beyond_cut = np.zeros((40, 5), np.float32)
    beyond_cut[played.was_cut] = random.uniform(-1, 1, int(played.was_cut.sum()))
    gamma, decay = 0.97, 0.9

    def slow(ply: int, game: int) -> float:
        """Sums discounted deltas forward until the game or the segment ends."""
        total, weight = 0.0, 1.0
        for t in range(ply, 40):
            ending = played.ending[t, game]
            if ending == Ending.NONE:
                beyond = values[t + 1, game]
            else:
                beyond = beyond_cut[t, game] if ending == Ending.MAX_PLIES else 0.0
            reward = 1 if ending == Ending.MATE else 0
            total += weight * (reward - gamma * beyond - values[t, game])
            if ending != Ending.NONE:
                break
            weight *= -gamma * decay
        return total

    expected = [[slow(ply, game) for game in range(5)] for ply in range(40)]
    actual = estimate(played, values, beyond_cut, gamma=gamma, gae_lambda=decay)
    np.testing.assert_allclose(actual, expected, atol=1e-5)
