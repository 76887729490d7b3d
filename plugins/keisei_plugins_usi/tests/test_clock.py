"""How long a move may take: nothing is lost on time whoever counts, the main time is used, and byoyomi to its end."""

import math

import pytest

from keisei_plugins_usi.engine.clock import (
    STRETCH,
    Budget,
    Clock,
    budget_of,
    end_of,
    fixed_budget,
    is_settled,
    moves_to_come,
)
from keisei_plugins_usi.engine.timer import Timer

DELAY_MS = 120


def played(clock: Clock, plies: int, *, adds_before: bool, late_ms: int = 60, longest: bool = False) -> list[float]:
    """Plays a game on a clock, every move as long as planned or as may be; returns what was left after each.

    Args:
        clock: at the beginning.
        plies: of both players.
        adds_before: whether the increment of a move is there while it is thought about and is told apart, or is added
            after the move and is told as main time.
        late_ms: that the way to the clock takes.
        longest: whether every move takes as long as it may.
    """
    main_ms, left = float(clock.main_ms), []
    for ply in range(0, plies, 2):
        now = Clock(main_ms=int(main_ms), byoyomi_ms=clock.byoyomi_ms, increment_ms=clock.increment_ms)
        budget = budget_of(now, ply=ply, delay_ms=DELAY_MS)
        used_ms = 1000 * (budget.most if longest else budget.planned) + late_ms
        main_ms += clock.increment_ms * adds_before - used_ms
        assert main_ms >= -clock.byoyomi_ms, ply
        main_ms = max(main_ms, 0) + clock.increment_ms * (not adds_before)
        left.append(main_ms)
    return left


@pytest.mark.parametrize("longest", [False, True])
@pytest.mark.parametrize("adds_before", [False, True])
@pytest.mark.parametrize(
    "clock",
    [
        Clock(main_ms=600_000),
        Clock(main_ms=60_000, increment_ms=1_000),
        Clock(main_ms=2_000, increment_ms=2_000),
        Clock(main_ms=600_000, byoyomi_ms=10_000),
        Clock(byoyomi_ms=1_000),
        Clock(byoyomi_ms=150),
        Clock(main_ms=5_000, byoyomi_ms=200),
    ],
)
def test_no_game_is_lost_on_time(clock, adds_before, longest) -> None:
    played(clock, 200 if longest else 300, adds_before=adds_before, longest=longest)


def test_main_time_is_spread_and_used() -> None:
    left = played(Clock(main_ms=600_000), 200, adds_before=False)
    assert left[20] > 300_000
    assert left[-1] < 60_000


def test_main_time_is_used_up_before_byoyomi_and_byoyomi_to_its_end() -> None:
    clock = Clock(main_ms=300_000, byoyomi_ms=10_000)
    left = played(clock, 140, adds_before=False)
    assert left[5] < 300_000 - 6 * 10_000
    assert left[-1] == 0
    assert budget_of(Clock(byoyomi_ms=10_000), ply=100, delay_ms=DELAY_MS).planned == pytest.approx(9.88)


@pytest.mark.parametrize(("byoyomi_ms", "planned"), [(1_000, 0.88), (240, 0.12), (100, 0.05), (1, 0.0005), (0, 0)])
def test_delay_never_takes_more_than_half_of_a_short_time(byoyomi_ms, planned) -> None:
    assert budget_of(Clock(byoyomi_ms=byoyomi_ms), ply=0, delay_ms=DELAY_MS).planned == pytest.approx(planned)


def test_best_so_far_is_answered_within_the_time() -> None:
    for clock in (Clock(byoyomi_ms=100), Clock(main_ms=3_000), Clock(main_ms=100_000, byoyomi_ms=5_000)):
        budget = budget_of(clock, ply=40, delay_ms=DELAY_MS)
        assert budget.planned <= budget.most < budget.last < clock.available_ms / 1000
    assert fixed_budget(1_000, DELAY_MS).last == pytest.approx(0.94)


def test_least_time_is_taken_where_the_clock_allows() -> None:
    rich, poor = Clock(main_ms=60_000), Clock(main_ms=1_000)
    assert budget_of(rich, ply=0, delay_ms=DELAY_MS, least_ms=5_000).planned == pytest.approx(5.0)
    assert budget_of(poor, ply=0, delay_ms=DELAY_MS, least_ms=5_000).planned == pytest.approx(0.88)


@pytest.mark.parametrize(
    ("ply", "max_plies", "expected"),
    [(0, 0, 70), (100, 0, 20), (400, 0, 20), (100, 120, 10), (319, 320, 1), (320, 320, 20), (500, 320, 20)],
)
def test_moves_to_come_are_those_until_the_usual_end_or_the_last_ply(ply, max_plies, expected) -> None:
    assert moves_to_come(ply, max_plies) == expected


def test_move_that_became_the_best_late_gets_more_time() -> None:
    budget = Budget(planned=10.0, most=30.0)
    assert [end_of(budget, changed_at) for changed_at in (0.0, 5.0, 8.0, 16.0, 25.0)] == [10, 10, 12, 24, 30]
    assert end_of(Budget(planned=10.0, most=10.0, saves=False), 9.0) == 10


@pytest.mark.parametrize(
    ("visits", "saves", "expected"),
    [
        pytest.param([900, 300], True, True, id="too-far-ahead"),
        pytest.param([900, 500], True, False, id="may-be-overtaken"),
        pytest.param([900], True, True, id="the-others-not-looked-at"),
        pytest.param([900, 300], False, False, id="time-that-is-of-no-use-later"),
    ],
)
def test_move_that_can_not_be_overtaken_is_settled(visits, saves, expected) -> None:
    assert is_settled(Budget(planned=2.0, most=6.0, saves=saves), visits, nodes=750, seconds=1.2) == expected


def test_unsettled_move_takes_no_longer_than_the_budget_allows() -> None:
    budget = budget_of(Clock(main_ms=60_000), ply=0, delay_ms=DELAY_MS)
    assert budget.most == pytest.approx(STRETCH * budget.planned)


class Hands:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 50.0

    def __call__(self) -> float:
        return self.seconds


def test_timer_without_a_budget_runs_until_it_is_stopped() -> None:
    timer = Timer(Hands())
    assert not timer.is_set()
    assert math.isinf(timer.last_at)
    timer.weigh("7g7f", [1_000], 1_000)
    timer.wait(1e6)
    assert not timer.is_set()
    timer.stop()
    assert timer.is_set()
    assert timer.seconds_left == -math.inf


def test_timer_goes_on_while_the_best_move_changes_and_ends_once_it_is_settled() -> None:
    now = Hands()
    timer = Timer(now)
    timer.begin(Budget(planned=10.0, most=30.0), at=50.0)
    now.seconds = 59.0
    timer.weigh("7g7f", [500, 499], 1_000)
    assert timer.seconds_left == pytest.approx(4.5)
    now.seconds = 62.0
    timer.weigh("7g7f", [700, 650], 1_300)
    assert timer.is_set()  # nothing is planned any more, and the first is ahead
    timer = Timer(now)
    timer.begin(Budget(planned=10.0, most=30.0), at=62.0)
    now.seconds = 63.0
    timer.weigh("7g7f", [500, 10], 600)
    assert not timer.is_set()
    now.seconds = 70.0
    timer.weigh("7g7f", [5_000, 10], 4_000)
    assert timer.is_set()


def test_speed_after_a_ponderhit_is_that_since_it() -> None:
    now = Hands()
    timer = Timer(now)
    timer.weigh("7g7f", [60_000, 20_000], 100_000)
    timer.begin(Budget(planned=10.0, most=30.0), at=50.0)
    now.seconds = 51.0
    timer.weigh("7g7f", [60_500, 20_500], 101_000)
    assert timer.is_set()  # 9,000 more positions make up for no 40,000
