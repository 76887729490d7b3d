"""How a match stands while it is played: on a terminal, and in lines from time to time."""

import numpy as np
import pytest

from keisei_core.arena import watcher
from keisei_core.arena.parallel_games import FinishedGame
from keisei_core.arena.score import Score, Tally
from keisei_core.arena.watcher import Watcher
from keisei_core.shogi import Ending


def game(number: int, points: float) -> FinishedGame:
    return FinishedGame(
        number=number,
        points=points,
        ending=Ending.MATE,
        first_is_black=True,
        opening_plies=0,
        actions=np.zeros(9, np.int16),
        values=np.zeros(9, np.float32),
    )


def test_games_are_counted_as_they_end_and_the_score_is_that_of_pairs() -> None:
    watched, tally, pair = Watcher("one", "other", 10, None, None, num_known=2), Tally(), (game(0, 1.0), game(1, 1.0))
    title, progress = watched.lines(80)
    assert (title, "0 of 8 games" in progress, "ETA" in progress) == ("one against other", True, False)

    for ended in (*pair, game(4, 0.0)):
        watched.note(ended)
    _, standing, progress = watched.lines(80)
    assert standing == "3/8 games, 0.67 so far"
    assert "3 of 8 games" in progress
    assert "ETA 0:00" in progress

    tally.add(pair)
    watched.see(pair, tally)
    _, standing, _ = watched.lines(80)
    assert standing.startswith("2/10 games: score 1.000 [")
    assert standing.endswith("]; 1 more have ended")


def test_line_comes_from_time_to_time_where_nothing_is_drawn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    watched = Watcher("one", "other", 10, None, None)
    watched.note(game(0, 1.0))
    monkeypatch.setattr(watcher, "TELL_EVERY_S", 0.0)
    watched.note(game(1, 0.0))

    assert capsys.readouterr().err == "one against other: 2/10 games, 0.50 so far\n"


def test_match_on_a_terminal_is_drawn_and_gone_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []

    class Drawing:
        def __init__(self, lines: object) -> None:
            drawn.append("begun")

        def close(self) -> None:
            drawn.append("gone")

    monkeypatch.setattr(watcher, "has_display", lambda: True)
    monkeypatch.setattr(watcher, "Display", Drawing)
    watched = Watcher("one", "other", 10, None, None)

    with watched.showing():
        assert (drawn, watched.is_drawn) == (["begun"], True)
    assert drawn == ["begun", "gone"]


def test_match_that_is_shown_is_played_as_asked_and_told_of(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: dict[str, object] = {}

    def play_match(first: object, second: object, *, ended: object, watch: object, **conditions: object) -> Score:
        asked.update(conditions, players=(first, second))
        tally, pair = Tally(), (game(0, 1.0), game(1, 0.5))
        for one in pair:
            ended(one)  # type: ignore[operator]
        tally.add(pair)
        watch(pair, tally)  # type: ignore[operator]
        return tally.score()

    monkeypatch.setattr(watcher, "play_match", play_match)
    monkeypatch.setattr(watcher, "TELL_EVERY_S", 0.0)
    monkeypatch.setattr(watcher, "has_display", lambda: False)

    score = watcher.play_shown(("one", "other"), ("a", "b"), num_games=2, seed=3)  # type: ignore[arg-type]

    assert score.score == 0.75
    assert asked == {"num_games": 2, "seed": 3, "players": ("a", "b")}
    assert "one against other: 2/2 games, 0.75 so far" in capsys.readouterr().err
