"""When a rung counts as reached: cases that can be worked out by hand, and how often the rule errs."""

import numpy as np
import pytest

from keisei_core.scoreboard import Rule, Verdict

RULE = Rule(first_games=4, most_games=16)


def pairs(text: str) -> dict[int, str]:
    return dict(enumerate(text.split()))


def test_looks_double_until_there_are_games_enough() -> None:
    assert list(Rule().looks()) == [20, 40, 80, 160, 320]
    assert list(Rule(first_games=20, most_games=100).looks()) == [20, 40, 80, 100]
    assert list(Rule(first_games=20, most_games=10).looks()) == [10]


@pytest.mark.parametrize(
    ("played", "verdict", "games"),
    [
        pytest.param("", Verdict.OPEN, 0, id="nothing-played"),
        pytest.param("WW", Verdict.OPEN, 0, id="before-the-first-look"),
        pytest.param("WW WW", Verdict.REACHED, 4, id="all-won-at-the-first-look"),
        pytest.param("LL LL", Verdict.NOT_REACHED, 4, id="all-lost-at-the-first-look"),
        pytest.param("WL LW", Verdict.OPEN, 4, id="even-asks-for-more"),
        pytest.param("WL LW WW", Verdict.OPEN, 4, id="between-two-looks"),
        pytest.param("WL WW WW WW", Verdict.REACHED, 8, id="seven-of-eight-at-the-second-look"),
        pytest.param("WL LW " * 4, Verdict.NOT_REACHED, 16, id="even-to-the-end-is-not-shown"),
        pytest.param("CC CC " * 4, Verdict.NOT_REACHED, 16, id="games-cut-off-show-nothing"),
        pytest.param("WW WW LL LL LL LL", Verdict.REACHED, 4, id="what-comes-behind-a-verdict-is-not-counted"),
    ],
)
def test_match_is_judged_at_its_looks(played: str, verdict: Verdict, games: int) -> None:
    found, score = RULE.judge(pairs(played))

    assert (found, 0 if score is None else score.games) == (verdict, games)


def test_pairs_behind_a_gap_wait_for_it() -> None:
    assert RULE.judge({0: "WW", 2: "WW", 3: "WW"}) == (Verdict.OPEN, None)
    assert RULE.next_look({0: "WW", 2: "WW", 3: "WW"}) == 4
    assert RULE.next_look({0: "WL", 1: "LW"}) == 8


def test_even_players_are_seldom_found_to_have_reached_and_better_ones_mostly() -> None:
    rule, rng, num_matches = Rule(), np.random.default_rng(0), 150
    shares = {}
    for score in (0.4, 0.5, 0.6):
        games = np.where(rng.random((num_matches, 160, 2)) < score, "W", "L")
        found = [rule.judge(dict(enumerate(map("".join, match))))[0] for match in games]
        shares[score] = found.count(Verdict.REACHED) / num_matches

    assert shares[0.4] < 0.02
    assert 0.03 < shares[0.5] < 0.15
    assert shares[0.6] > 0.9
