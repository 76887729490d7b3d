"""The loop of a run: what is saved when, what is logged when, what a stop leaves."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import torch

from keisei_core.arena import Score
from keisei_core.checkpoint import CheckpointStore
from keisei_core.distribution import Single
from keisei_core.errors import DivergedError, StoppedError
from keisei_core.run import Training
from keisei_core.run.best import Best
from keisei_core.run.folder import RunFolder
from keisei_core.run.loop import Loop
from keisei_core.run.progress import NoProgress
from keisei_core.run.stop import StopRequest
from keisei_core.run.tracking import Trackers

ALONE = Single(torch.device("cpu"))


@pytest.fixture
def loop(tiny, tmp_path, monkeypatch) -> Callable[..., Loop]:
    """Makes a loop of 8 updates whose matches have the scores given, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def make(scores: tuple[float, ...] = (), **changes: object) -> Loop:
        settings = tiny(**{"evaluation__every_updates": 2, "checkpoint__every_updates": 1000} | changes)
        training = Training(settings, ALONE)
        wanted = iter(scores)
        monkeypatch.setattr(training, "match", lambda games, stop: score(next(wanted)))
        folder = RunFolder.create(tmp_path / "r")
        trackers = Trackers(settings.trackers, folder.path, print)
        return Loop(training, folder, trackers, NoProgress(), StopRequest())

    return make


def score(share: float) -> Score:
    """A score of so many of 100 games won."""
    wins = round(100 * share)
    return Score(wins=wins, draws=0, losses=100 - wins, truncated=0, low=0.0, high=1.0)


def updates_in(folder: Path) -> list[int]:
    return [int(path.name.removeprefix("update-")) for path in CheckpointStore(folder / "checkpoints", 1).folders()]


def test_best_is_saved_at_once_and_stays(loop):
    made = loop((0.4, 0.9, 0.5, 0.6), checkpoint__keep=1)

    with closing(made.folder):
        assert made.run()

    assert updates_in(made.folder.path) == [4, 8]
    _, newest = made.store.newest(pytest.fail)
    assert newest.state["best"] == {"update": 4, "score": 0.9, "opponent": "random", "figure": "score"}


def test_best_leaves_like_any_other_where_it_need_not_stay(loop):
    made = loop((0.4, 0.9, 0.5, 0.6), checkpoint__keep=1, checkpoint__keep_best=False)

    with closing(made.folder):
        assert made.run()

    assert updates_in(made.folder.path) == [8]


def test_run_is_saved_before_its_first_update(loop, monkeypatch):
    made = loop()
    monkeypatch.setattr(made.training, "update", lambda stop: pytest.fail(str(updates_in(made.folder.path))))

    with closing(made.folder), pytest.raises(pytest.fail.Exception, match=r"\[0\]"):
        made.run()


def test_stop_in_a_match_saves_and_logs_nothing_of_its_update(loop, monkeypatch):
    made = loop()

    def stopped(games, stop):
        raise StoppedError("asked to stop during a match")

    monkeypatch.setattr(made.training, "match", stopped)
    with closing(made.folder):
        assert not made.run()

    assert updates_in(made.folder.path) == [0, 1]
    assert (made.folder.path / "metrics.jsonl").read_text().count("\n") == 1


def test_broken_network_is_not_saved_over_a_good_one(loop, monkeypatch):
    made = loop(checkpoint__every_updates=1, evaluation__every_updates=0)
    update = made.training.update

    def break_in_the_third(stop):
        if made.training.counters.update == 2:
            next(made.training.network.network.parameters()).data.fill_(float("inf"))
            made.training.counters.update += 1
            return {"explained_variance": 0.0, "plies": 0, "plies_per_s": 0, "games_per_s": 0}, []
        return update(stop)

    monkeypatch.setattr(made.training, "update", break_in_the_third)
    with closing(made.folder), pytest.raises(DivergedError, match="so it was not saved"):
        made.run()

    assert updates_in(made.folder.path) == [0, 1, 2]
    made.store.newest(pytest.fail)


@pytest.mark.parametrize(
    ("old", "new", "is_better"),
    [
        (None, ("random", 0.0), True),
        (("random", 0.5), ("random", 0.6), True),
        (("random", 0.5), ("random", 0.5), True),
        (("random", 0.5), ("random", 0.4), False),
        (("random", 0.9), ("alphabeta", 0.1), True),
    ],
)
def test_later_of_equals_is_the_best_and_opponents_are_not_compared(old, new, is_better):
    best = None if old is None else Best(update=1, opponent=old[0], score=old[1])

    assert Best(update=2, opponent=new[0], score=new[1]).beats(best) is is_better


def test_source_that_is_not_exact_is_told_of_and_saved_at_checkpoints_only(loop, monkeypatch):
    made, said = loop(checkpoint__every_updates=2, evaluation__every_updates=0), []
    monkeypatch.setattr(made.progress, "say", said.append, raising=False)
    monkeypatch.setattr(made.training.source, "is_exact", False)
    update, snapshots = made.training.update, []
    snapshot = made.training.snapshot
    monkeypatch.setattr(made.training, "snapshot", lambda: snapshots.append(1) or snapshot())

    def stop_in_the_fourth(stop):
        if made.training.counters.update == 3:
            raise StoppedError("asked to stop")
        return update(stop)

    monkeypatch.setattr(made.training, "update", stop_in_the_fourth)

    with closing(made.folder):
        assert not made.run()

    assert updates_in(made.folder.path) == [0, 2]
    assert len(snapshots) == 2
    assert said == ["note: the source is not exact: a stopped run goes on from its newest checkpoint"]
