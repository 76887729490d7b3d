"""The database of runs that end, stop, crash and go on."""

import json
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

import attrs
import pytest

from keisei_core.plugins import Kind, load_registry
from keisei_core.run.tracking import Trackers
from keisei_plugins_trackio.options import TrackioOptions
from keisei_plugins_trackio.tracker import TrackioTracker


def tracker(run: Path, **options: Any) -> TrackioTracker:
    run.mkdir(parents=True, exist_ok=True)
    return TrackioTracker(run, TrackioOptions(**options))


def play(run: Path, last_update: int, until: int, *, kl: float = 0.0, **options: Any) -> TrackioTracker:
    """Logs the updates after `last_update`, as a run does; does not close."""
    one = tracker(run, **options)
    one.start(last_update)
    for update in range(last_update + 1, until + 1):
        one.log(update, {"kl": update + kl})
    return one


def read_id(run: Path) -> str:
    return (run / "trackio.id").read_text().strip()


def rows(path: Path, statement: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(statement).fetchall()


def curve(path: Path, run: str = "run") -> list[tuple[int, float]]:
    found = rows(path, f"SELECT step, metrics FROM metrics WHERE run_name = '{run}' ORDER BY id")
    return [(step, json.loads(told)["learning/kl"]) for step, told in found]


def test_points_are_in_the_file_before_the_run_closes(tmp_path: Path) -> None:
    one = play(tmp_path / "run", 0, 3)

    assert curve(tmp_path / "run" / "trackio" / "keisei.db") == [(1, 1.0), (2, 2.0), (3, 3.0)]
    one.close()


def test_resumed_run_continues_its_curve_without_doubled_steps(tmp_path: Path) -> None:
    killed = play(tmp_path / "run", 0, 5)
    play(tmp_path / "run", 3, 6, kl=0.5).close()
    play(tmp_path / "run", 4, 5, kl=0.25).close()
    killed.close()

    assert curve(tmp_path / "run" / "trackio" / "keisei.db") == [(1, 1.0), (2, 2.0), (3, 3.0), (4, 4.5), (5, 5.25)]


def test_run_that_begins_again_before_its_first_checkpoint_leaves_no_second_run(tmp_path: Path) -> None:
    play(tmp_path / "run", 0, 3).close()
    play(tmp_path / "run", 0, 2, kl=0.5).close()

    assert curve(tmp_path / "run" / "trackio" / "keisei.db") == [(1, 1.5), (2, 2.5)]


def test_write_that_a_killed_process_had_begun_is_undone(tmp_path: Path) -> None:
    play(tmp_path / "run", 0, 2).close()
    path = tmp_path / "run" / "trackio" / "keisei.db"
    with closing(sqlite3.connect(path)) as killed:
        killed.execute(
            "INSERT INTO metrics (run_id, timestamp, run_name, step, metrics) VALUES (?, '', 'run', 3, '')",
            (read_id(tmp_path / "run"),),
        )

    play(tmp_path / "run", 2, 3).close()

    assert curve(path) == [(1, 1.0), (2, 2.0), (3, 3.0)]


def test_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "run" / "trackio" / "keisei.db"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"somebody else's" * 100)

    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        tracker(tmp_path / "run").start(0)
    assert path.read_bytes() == b"somebody else's" * 100


def test_runs_that_share_a_folder_keep_to_their_own_rows(tmp_path: Path) -> None:
    shared = str(tmp_path / "all")
    play(tmp_path / "one", 0, 3, folder=shared).close()
    play(tmp_path / "two", 0, 2, kl=0.5, folder=shared).close()
    play(tmp_path / "one", 1, 2, folder=shared).close()

    assert curve(tmp_path / "all" / "keisei.db", "one") == [(1, 1.0), (2, 2.0)]
    assert curve(tmp_path / "all" / "keisei.db", "two") == [(1, 1.5), (2, 2.5)]


def test_runs_of_one_name_that_share_a_folder_keep_to_their_own_rows(tmp_path: Path) -> None:
    shared = str(tmp_path / "all")
    for place, last_update, until in (("a", 0, 3), ("b", 0, 2), ("a", 2, 4)):
        play(tmp_path / place / "first", last_update, until, folder=shared).close()

    found = rows(tmp_path / "all" / "keisei.db", "SELECT run_id, run_name, step FROM metrics ORDER BY id")
    one, other = (read_id(tmp_path / place / "first") for place in ("a", "b"))
    assert one != other
    assert [step for run, _, step in found if run == one] == [1, 2, 3, 4]
    assert [step for run, _, step in found if run == other] == [1, 2]
    assert {name for _, name, _ in found} == {"first"}


def test_config_of_the_run_is_told_by_tables(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.toml").write_text("[run]\nseed = 3\n")
    play(tmp_path / "run", 0, 1).close()
    play(tmp_path / "run", 1, 2).close()

    ((told,),) = rows(tmp_path / "run" / "trackio" / "keisei.db", "SELECT config FROM configs")
    assert json.loads(told)["run"] == {"seed": 3}


def test_only_wanted_metrics_are_written(tmp_path: Path) -> None:
    one = tracker(tmp_path / "run", metrics=("score*", "kl"), project="mine")
    one.start(0)
    one.log(1, {"kl": float("nan"), "entropy": 2.0, "score_low": 0.25})
    one.close()

    ((told,),) = rows(tmp_path / "run" / "trackio" / "mine.db", "SELECT metrics FROM metrics")
    assert json.loads(told) == {"learning/kl": "NaN", "match/score_low": 0.25}


@pytest.mark.parametrize("name", ["", "a/b", "../x", "ä"])
def test_project_that_is_no_plain_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="letters, digits, - and _"):
        TrackioOptions(project=name)


def test_log_before_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="after start"):
        tracker(tmp_path / "run").log(1, {"kl": 0.0})


def test_neither_network_nor_trackio_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a network was asked for")

    monkeypatch.setattr("socket.socket", refused)
    monkeypatch.setattr("socket.getaddrinfo", refused)
    monkeypatch.setitem(sys.modules, "trackio", None)

    play(tmp_path / "run", 0, 2).close()

    assert len(curve(tmp_path / "run" / "trackio" / "keisei.db")) == 2


def test_database_that_another_process_holds_is_waited_for_no_longer_than_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keisei_plugins_trackio.database.PATIENCE_S", 0.01)
    one = play(tmp_path / "run", 0, 1)
    with closing(sqlite3.connect(tmp_path / "run" / "trackio" / "keisei.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            one.log(2, {"kl": 2.0})
    one.log(2, {"kl": 2.0})
    one.close()

    assert [step for step, _ in curve(tmp_path / "run" / "trackio" / "keisei.db")] == [1, 2]


def test_run_hands_its_figures_on_in_a_thread_of_the_trackers_own(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    told: list[str] = []
    choice = load_registry().resolve(Kind.TRACKER, "trackio")
    trackers = Trackers([attrs.evolve(choice, options=TrackioOptions())], tmp_path / "run", told.append)
    trackers.start(0)
    trackers.log(1, {"kl": 0.5})
    trackers.close()

    assert told == []
    assert curve(tmp_path / "run" / "trackio" / "keisei.db") == [(1, 0.5)]
