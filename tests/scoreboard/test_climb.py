"""Which checkpoints are tested against which rungs, and what is kept of it."""

from pathlib import Path
from typing import Any

import attrs
import pytest

from keisei_core.arena.contest import Contest
from keisei_core.arena.store import Store
from keisei_core.run.device import chosen_device
from keisei_core.scoreboard import Climb, Journey, Rule, climbed, find_rungs


class Ladder:
    """Checkpoints and rungs whose strength is known."""

    def __init__(self, stops: list[float], rungs: list[float]) -> None:
        self.stops, self.rungs = stops, rungs
        self.tested: list[tuple[int, int]] = []

    def reaches(self, stop: int, rung: int) -> bool:
        self.tested.append((stop, rung))
        return self.stops[stop] >= self.rungs[rung]

    def climbed(self) -> list[int | None]:
        return climbed(len(self.stops), len(self.rungs), self.reaches)


def test_each_rung_is_tried_from_where_the_one_before_was_reached() -> None:
    ladder = Ladder([1, 2, 3, 4], [2, 4])

    assert ladder.climbed() == [1, 3]
    assert ladder.tested == [(0, 0), (1, 0), (1, 1), (2, 1), (3, 1)]


def test_rung_that_is_reached_at_once_is_followed_down_to_where_it_is_not() -> None:
    ladder = Ladder([1, 2, 3, 4], [3, 2])  # the second is the weaker one after all

    assert ladder.climbed() == [2, 1]
    assert ladder.tested == [(0, 0), (1, 0), (2, 0), (2, 1), (1, 1), (0, 1)]


def test_rungs_behind_one_that_is_never_reached_are_tried_by_the_last_checkpoint() -> None:
    ladder = Ladder([1, 2, 3], [9, 8, 3])

    assert ladder.climbed() == [None, None, 2]
    assert ladder.tested == [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2)]


def test_first_checkpoint_may_reach_all() -> None:
    assert Ladder([5, 6], [1, 2, 3]).climbed() == [0, 0, 0]


@attrs.frozen
class Played:
    """What a match that was not played says."""

    played: dict[int, str]
    is_interrupted: bool = False


@pytest.fixture
def climb(tmp_path: Path) -> Climb:
    settings = {"games": 2, "seed": 0, "max_plies": 60, "opening_plies": 4, "at_once": 8}
    contest = Contest.of(settings, chosen_device("cpu", 1))
    return Climb(contest=contest, rule=Rule(first_games=4, most_games=8), store=Store(tmp_path / "pairs.jsonl"))


def beaten(monkeypatch: pytest.MonkeyPatch, weaker: str) -> list[tuple[str, int]]:
    """Makes networks win every game against a player and lose to others; returns who was played up to how many."""
    played: list[tuple[str, int]] = []

    def play(contest: Contest, _: Any, rung: Any, *, known: dict[int, str]) -> Played:
        played.append((rung.name, contest.games))
        new = [opening for opening in range(contest.games // 2) if opening not in known]
        return Played(dict.fromkeys(new, "WW" if rung.name.startswith(weaker) else "LL"))

    monkeypatch.setattr(Contest, "play", play)
    return played


def test_what_was_played_is_kept_and_not_played_again(run: Path, climb: Climb, monkeypatch: pytest.MonkeyPatch) -> None:
    played = beaten(monkeypatch, "random")
    stops = Journey.read(run, growth=2).stops
    rungs, _ = find_rungs(["random", "alphabeta"], climb.contest)

    first = climb.climb(stops, rungs)
    number = len(played)
    again = climb.climb(stops, rungs)

    assert first == again
    assert len(played) == number > 0
    assert {games for _, games in played} == {4}
    assert [found.stop and found.stop.core_minutes for found in first] == [1, None]
    assert [found.missed and found.missed.core_minutes for found in first] == [None, 8]


def test_matches_of_a_climb_are_no_fair_sample_for_a_ladder(
    run: Path, climb: Climb, monkeypatch: pytest.MonkeyPatch
) -> None:
    beaten(monkeypatch, "random")
    rungs, _ = find_rungs(["random"], climb.contest)

    climb.climb(Journey.read(run, growth=2).stops, rungs)

    assert [meeting.sprt for meeting, _ in climb.store.results().meetings()] == [True]


def test_ctrl_c_keeps_what_was_played(run: Path, climb: Climb, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Contest, "play", lambda *_, **__: Played({0: "WW"}, is_interrupted=True))
    rungs, _ = find_rungs(["random"], climb.contest)

    with pytest.raises(KeyboardInterrupt):
        climb.climb(Journey.read(run, growth=2).stops, rungs)

    assert [dict(pairs) for _, pairs in climb.store.results().meetings()] == [{0: "WW"}]


def test_rung_of_the_ladder_that_is_not_installed_is_left_out_and_told(climb: Climb, tmp_path: Path) -> None:
    (tmp_path / "engines.toml").write_text('[engines.fairy-d1]\ncommand = ["/nowhere/fairy"]\n')

    found, left_out = find_rungs([], climb.contest, tmp_path / "engines.toml")

    assert list(found) == ["random", "alphabeta", "alphabeta:depth=2", "alphabeta:depth=3", "alphabeta:depth=4"]
    assert "/nowhere/fairy" in left_out["usi:fairy-d1"]
    assert "no table [engines.crazywa-d1]" in left_out["usi:crazywa-d1"]


def test_rung_that_was_asked_for_is_not_left_out(climb: Climb) -> None:
    with pytest.raises(ValueError, match="did you mean 'alphabeta'"):
        find_rungs(["alphabet"], climb.contest)
