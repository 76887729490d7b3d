"""What is left of a run."""

import pytest

from keisei_core.run.metrics import Outlook


def outlook(done: int, elapsed_s: float, limit_s: float = 0) -> Outlook:
    return Outlook(done=done, total=100, elapsed_s=elapsed_s, limit_s=limit_s)


def test_time_left_follows_the_speed_so_far():
    assert outlook(25, 50).left_s == 150
    assert outlook(25, 50).share == 0.25


def test_time_limit_that_comes_first_is_what_is_left():
    assert outlook(25, 50, limit_s=60).left_s == 10
    assert outlook(25, 50, limit_s=60).share == pytest.approx(50 / 60)


def test_games_count_where_they_end_the_run_before_its_plies():
    by_games = Outlook(done=10, total=100, elapsed_s=50, limit_s=0, games=500, limit_games=1000)
    assert (by_games.progress, by_games.left_s, by_games.is_over) == (0.5, 50, False)
    assert Outlook(done=10, total=100, elapsed_s=50, limit_s=0, games=1003, limit_games=1000).is_over
    assert Outlook(done=10, total=100, elapsed_s=50, limit_s=0, games=50, limit_games=1000).progress == 0.1


def test_computing_counts_where_it_ends_the_run_before_its_plies():
    by_cores = Outlook(done=10, total=100, elapsed_s=80, limit_s=0, core_s=20, limit_core_s=40)
    assert (by_cores.progress, by_cores.left_s, by_cores.is_over) == (0.5, 80, False)
    assert Outlook(done=10, total=100, elapsed_s=80, limit_s=0, core_s=41, limit_core_s=40).is_over
    assert Outlook(done=10, total=100, elapsed_s=80, limit_s=0, core_s=2, limit_core_s=40).progress == 0.1


@pytest.mark.parametrize(
    ("at", "over"),
    [
        pytest.param(outlook(0, 0), False, id="start"),
        pytest.param(outlook(0, 0, limit_s=5), False, id="start-with-limit"),
        pytest.param(outlook(100, 9), True, id="plies-played"),
        pytest.param(outlook(3, 5, limit_s=5), True, id="time-up"),
    ],
)
def test_run_is_over_when_plies_or_minutes_are(at, over):
    assert at.is_over is over


def test_schedules_follow_the_clock_where_it_ends_the_run_first():
    assert outlook(25, 50, limit_s=100).progress == 0.5
    assert outlook(75, 50, limit_s=100).progress == 0.75
    assert outlook(1, 200, limit_s=100).progress == 1.0
