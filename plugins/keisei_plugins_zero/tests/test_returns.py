"""Targets of V over a window of segments, against a plain recursion."""

import numpy as np
import pytest

from keisei_core.experience import Segment
from keisei_core.shogi import Ending
from keisei_plugins_zero.returns import returns
from keisei_plugins_zero.zero import Zero

GAMMA = 0.9
MATE, CUT, GOES_ON = Ending.MATE, Ending.MAX_PLIES, Ending.NONE


def segment(endings: list[list[Ending]], values: list[list[float]]) -> Segment:
    made = Segment.empty(len(endings), len(endings[0]), Zero.columns)
    made.ending[:], made.columns["search_value"][:] = endings, values
    return made


def expected(window: list[Segment], ply: int, game: int, result: float) -> float:
    """The target of a ply, which is counted through all segments."""
    num_plies = len(window[0].action)
    here, row = window[ply // num_plies], ply % num_plies
    ending, value = Ending(int(here.ending[row, game])), float(here.columns["search_value"][row, game])
    if ending not in (GOES_ON, CUT):
        return 2 * ending.points - 1
    if ending == CUT or ply + 1 == len(window) * num_plies:
        return value
    following = window[(ply + 1) // num_plies]
    said = float(following.columns["search_value"][(ply + 1) % num_plies, game])
    return -GAMMA * ((1 - result) * said + result * expected(window, ply + 1, game, result))


@pytest.mark.parametrize("result", [0.0, 0.4, 1.0])
def test_targets_are_those_of_a_plain_recursion(result):
    random = np.random.default_rng(3)
    window, ends = [], len(Ending) - 1
    for _ in range(3):
        endings = random.choice(list(Ending), (5, 4), p=[0.7, *[0.3 / ends] * ends])
        window.append(segment(endings.tolist(), random.uniform(-1, 1, (5, 4)).tolist()))

    found = np.concatenate(returns(window, gamma=GAMMA, result=result))

    plain = [[expected(window, ply, game, result) for game in range(4)] for ply in range(15)]
    np.testing.assert_allclose(found, plain, atol=1e-6)


def test_mate_in_the_next_segment_is_the_result_of_the_plies_before():
    window = [segment([[GOES_ON]] * 2, [[0.3]] * 2), segment([[MATE], [GOES_ON]], [[0.3], [0.7]])]

    first, second = returns(window, gamma=GAMMA, result=1.0)

    np.testing.assert_allclose(first[:, 0], [GAMMA**2, -GAMMA], rtol=1e-6)
    np.testing.assert_allclose(second[:, 0], [1, 0.7], rtol=1e-6)


def test_where_a_game_is_cut_off_or_not_over_the_search_says_what_it_is_worth():
    (found,) = returns([segment([[CUT, GOES_ON], [GOES_ON, GOES_ON]], [[0.5, 0.1], [-0.2, 0.4]])], gamma=1, result=1)

    np.testing.assert_allclose(found, [[0.5, -0.4], [-0.2, 0.4]], rtol=1e-6)
