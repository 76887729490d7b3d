"""Alarms speak up when a figure leaves its range, once, and say what to try."""

import pytest

from keisei_core.run.alarms import ALARMS, WINDOW, Alarms

HEALTHY = {
    "explained_variance": 0.5,
    "relative_entropy": 0.6,
    "decisive_rate": 0.8,
    "truncation_rate": 0.2,
    "advantage_std": 0.1,
    "kl": 0.01,
    "games_per_s": 1.0,
}


def watch(alarms: Alarms, times: int, **changes: float) -> list[str]:
    return [str(raised) for _ in range(times) for raised in alarms.check({**HEALTHY, **changes})]


def test_healthy_figures_raise_nothing():
    assert watch(Alarms(), 50) == []


@pytest.mark.parametrize(
    ("figure", "value", "name"),
    [
        ("explained_variance", -0.1, "value collapse"),
        ("relative_entropy", 0.01, "entropy collapse"),
        ("decisive_rate", 0.0, "draws only"),
        ("truncation_rate", 1.0, "games cut off"),
        ("advantage_std", 0.0001, "no learning signal"),
        ("kl", 0.9, "steps too large"),
    ],
)
def test_figure_out_of_its_range_is_told_once(figure, value, name):
    (line,) = watch(Alarms(), 40, **{figure: value})
    assert line.startswith(f"{name}: {figure} is {value:.3g} over {WINDOW} updates, ")
    assert "; " in line


def test_every_alarm_is_tested_and_names_its_advice():
    assert len(ALARMS) == 6
    assert all(alarm.advice for alarm in ALARMS)


def test_one_bad_update_is_no_alarm():
    alarms = Alarms()
    watch(alarms, WINDOW)
    assert watch(alarms, 1, relative_entropy=0.0) == []
    assert watch(alarms, 30) == []


def test_alarm_is_raised_again_after_the_figure_had_come_back():
    alarms = Alarms()
    assert len(watch(alarms, 30, kl=0.9)) == 1
    assert watch(alarms, 30) == []
    assert len(watch(alarms, 30, kl=0.9)) == 1


def test_updates_in_which_no_game_ended_say_nothing_about_games():
    assert watch(Alarms(), 40, decisive_rate=0.0, games_per_s=0.0) == []
