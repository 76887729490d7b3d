"""Material shaping rewards a lead without changing which policy is best."""

import numpy as np
import pytest

from keisei_core.experience import Rollout
from keisei_core.learn import potential, shaping_reward
from keisei_core.shogi import Ending

WEIGHT, SCALE = 0.5, 20.0


def shaped(rollout: Rollout, gamma: float) -> np.ndarray:
    return shaping_reward(rollout, weight=WEIGHT, scale=SCALE, gamma=gamma)


def phi(pawns: float) -> float:
    return float(WEIGHT * np.tanh(pawns / SCALE))


def test_capture_is_rewarded_to_the_player_who_captures():
    # Even before; after the capture of a rook the opponent, now to move, is 20 pawns behind.
    rollout = Rollout.empty(1, 1)
    rollout.material[:, 0] = [0, -20]

    assert shaped(rollout, 1.0)[0, 0] == pytest.approx(phi(20))


def test_lead_that_lasts_is_rewarded_only_once():
    rollout = Rollout.empty(2, 1)
    rollout.material[:, 0] = [20, -20, 20]

    assert shaped(rollout, 1.0)[:, 0] == pytest.approx([0, 0])


def test_end_by_the_rules_takes_the_potential_back():
    rollout = Rollout.empty(1, 1)
    rollout.ending[0, 0] = Ending.MATE
    rollout.material[:, 0] = [20, -999]

    assert shaped(rollout, 1.0)[0, 0] == pytest.approx(-phi(20))


def test_game_cut_off_keeps_the_potential_of_its_last_position():
    rollout = Rollout.empty(1, 1)
    rollout.ending[0, 0] = Ending.MAX_PLIES
    rollout.material[:, 0] = [0, -999]
    rollout.cut_material[0, 0] = -20

    assert shaped(rollout, 0.9)[0, 0] == pytest.approx(0.9 * phi(20))


def test_sum_over_a_game_depends_only_on_where_it_started():
    # Seen by the first player, with the opponent's plies negated: the shaping telescopes to -Phi(start).
    random = np.random.default_rng(0)
    rollout = Rollout.empty(7, 1)
    rollout.material[:, 0] = random.integers(-30, 30, 8)
    rollout.ending[6, 0] = Ending.MATE
    gamma = 0.97

    signed = [(-gamma) ** ply * shaped(rollout, gamma)[ply, 0] for ply in range(7)]

    assert sum(signed) == pytest.approx(-phi(rollout.material[0, 0]), abs=1e-5)


def test_potential_turns_with_the_side_to_move():
    balance = np.array([3.0, -3.0], np.float32)

    first, second = potential(balance, weight=WEIGHT, scale=SCALE)

    assert first == -second > 0
