"""The loop of a run: what is saved when, what is logged when, what a stop leaves."""

import json
import shutil
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import torch

from keisei_core.arena import Score
from keisei_core.arena.value_quality import ValueQuality
from keisei_core.checkpoint import CheckpointStore
from keisei_core.distribution import Single
from keisei_core.errors import DivergedError, StoppedError
from keisei_core.run import Training
from keisei_core.run.folder import RunFolder
from keisei_core.run.loop import Loop
from keisei_core.run.progress import NoProgress
from keisei_core.run.stop import StopRequest
from keisei_core.run.tracking import JsonlTracker, Trackers

ALONE = Single(torch.device("cpu"))


@pytest.fixture
def loop(tiny, tmp_path, monkeypatch) -> Callable[..., Loop]:
    """Makes a loop of 8 updates whose matches have the scores given, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def make(scores: tuple[float, ...] = (), **changes: object) -> Loop:
        settings = tiny(**{"evaluation__every_updates": 2, "checkpoint__every_updates": 1000} | changes)
        training = Training(settings, ALONE)
        wanted = iter(scores)
        monkeypatch.setattr(training.matches, "play", lambda games, stop, opponent=None: score(next(wanted)))
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


def best_of(made: Loop) -> dict[str, object]:
    _, newest = made.store.newest(pytest.fail)
    best: dict[str, object] = newest.state["best"]
    return best


def test_best_is_saved_at_once_and_stays_until_it_is_beaten(loop):
    """Each match but the first is followed by one against the best."""
    made = loop((0.4, 0.9, 0.55, 0.5, 0.54, 0.99, 0.5), checkpoint__keep=1)

    with closing(made.folder):
        assert made.run()

    assert updates_in(made.folder.path) == [4, 8]
    assert best_of(made) == {"update": 4, "score": 0.55, "opponent": "update-000002", "figure": "score"}


def test_first_network_that_plays_a_match_is_the_best(loop):
    made = loop((0.0, 0.9, 0.0, 0.9, 0.0, 0.9, 0.0), checkpoint__keep=1)

    with closing(made.folder):
        assert made.run()

    assert updates_in(made.folder.path) == [2, 8]
    assert best_of(made) == {"update": 2, "score": 0.0, "opponent": "random", "figure": "score"}


def test_no_match_against_the_best_where_it_need_not_stay(loop):
    made = loop((0.4, 0.9, 0.5, 0.6), checkpoint__keep=1, checkpoint__keep_best=False)

    with closing(made.folder):
        assert made.run()

    assert updates_in(made.folder.path) == [8]
    assert best_of(made) is None


def test_best_whose_checkpoint_is_gone_gives_its_place_to_the_present_one(loop, monkeypatch):
    made, said = loop((0.4, 0.9, 0.9, 0.1, 0.9, 0.1), checkpoint__keep=1), []
    monkeypatch.setattr(made.progress, "say", said.append, raising=False)
    update = made.training.update

    def without_best(stop):
        if made.training.counters.update == 3:
            shutil.rmtree(made.store.path_of(2))
        return update(stop)

    monkeypatch.setattr(made.training, "update", without_best)
    with closing(made.folder):
        assert made.run()

    assert best_of(made)["update"] == 4
    assert "warning: the best network is gone, the present one takes its place" in "".join(said)


def test_scores_tell_games_apart_that_were_cut_off(loop, monkeypatch):
    made, said = loop(checkpoint__keep_best=False), []
    monkeypatch.setattr(made.progress, "say", said.append, raising=False)
    cut = Score(wins=3, draws=1, losses=0, truncated=6, low=0.3, high=0.9)
    monkeypatch.setattr(made.training.matches, "play", lambda games, stop, opponent=None: cut)
    with closing(made.folder):
        made.run()
    logged = [json.loads(line) for line in (made.folder.path / "metrics.jsonl").read_text().splitlines()]

    assert "score" not in logged[0]
    assert (logged[1]["score"], logged[1]["score_truncated"], logged[1]["score_decided"]) == (0.65, 6, 0.875)
    assert "6 cut off, 0.875 without them" in said[0]


def test_value_is_compared_with_material_at_every_match(loop, monkeypatch):
    made, said = loop(scores=(0.5,) * 4, checkpoint__keep_best=False), []
    monkeypatch.setattr(made.progress, "say", said.append, raising=False)
    results, balances = np.array([1.0, -1, 1, -1]), np.array([4, -5, -1, 1])
    qualities = iter(ValueQuality.of(sign * results * 0.9, balances, results) for sign in (1, -1))
    monkeypatch.setattr(made.training.matches, "value_quality", lambda: next(qualities, None))
    with closing(made.folder):
        made.run()
    logged = [json.loads(line) for line in (made.folder.path / "metrics.jsonl").read_text().splitlines()]

    assert [line["update"] for line in logged if "value_log_loss" in line] == [2, 4]
    assert logged[1]["value_log_loss"] < 0.2 < 2 < logged[3]["value_log_loss"]
    assert (logged[1]["value_bin_1"], logged[1]["value_bin_1_result"], logged[1]["material_bin_4_result"]) == (
        -0.9,
        -1,
        1,
    )
    told = [line for line in said if "value:" in line]
    assert told[0].startswith("update 2: value: correlation +")
    assert told[1].startswith("warning: update 4: value: correlation -")
    assert told[1].endswith("the value is worse than material alone")


def settings_of_a_contest(tiny):
    """A run whose every update plays the best network so far; the networks err."""
    table = {"every_updates": 1, "games": 4, "max_plies": 40, "temperature": 1.0}
    return tiny(**{f"evaluation__{key}": value for key, value in table.items()}, run__plies=5 * 64)


def go_on(settings, folder, until, checkpoint=None):
    """Moves a run on to an update and returns its newest checkpoint."""
    training = Training(settings, ALONE)
    if checkpoint is not None:
        training.restore(checkpoint)
    loop = Loop(training, folder, Trackers(settings.trackers, folder.path, print), NoProgress(), StopRequest())
    loop.stop.is_requested = lambda: training.counters.update == until
    loop.run()
    return loop.store.newest(pytest.fail)[1]


def test_stopped_run_finds_the_same_best_network_as_one_that_went_through(tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("keisei_core.run.loop.ENOUGH", 0.5)
    settings = settings_of_a_contest(tiny)
    with closing(RunFolder.create(tmp_path / "through")) as folder:
        through = go_on(settings, folder, until=None)
    with closing(RunFolder.create(tmp_path / "stopped")) as folder:
        stopped = go_on(settings, folder, until=3)
        stopped = go_on(settings, folder, until=None, checkpoint=stopped)

    assert through.state["best"] == stopped.state["best"]
    assert all(torch.equal(tensor, stopped.weights[name]) for name, tensor in through.weights.items())
    figures = [
        [
            {key: value for key, value in json.loads(line).items() if key.startswith("score")}
            for line in (tmp_path / name / "metrics.jsonl").read_text().splitlines()
        ]
        for name in ("through", "stopped")
    ]
    assert figures[0] == figures[1]
    assert all("score_against_best" in row for row in figures[0][1:])


def test_run_is_saved_before_its_first_update(loop, monkeypatch):
    made = loop()
    monkeypatch.setattr(made.training, "update", lambda stop: pytest.fail(str(updates_in(made.folder.path))))

    with closing(made.folder), pytest.raises(pytest.fail.Exception, match=r"\[0\]"):
        made.run()


def test_stop_in_a_match_saves_and_logs_nothing_of_its_update(loop, monkeypatch):
    made = loop()

    def stopped(games, stop, opponent):
        raise StoppedError("asked to stop during a match")

    monkeypatch.setattr(made.training.matches, "play", stopped)
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


def test_run_whose_checkpoints_hold_no_games_is_told_to_be_inexact_and_saves_what_stood_before_a_stop(
    loop, monkeypatch
):
    made, said = loop(checkpoint__games=False, checkpoint__every_updates=5, evaluation__every_updates=0), []
    monkeypatch.setattr(made.progress, "say", said.append, raising=False)
    update = made.training.update

    def stop_in_the_third(stop):
        if made.training.counters.update == 2:
            raise StoppedError("asked to stop")
        return update(stop)

    monkeypatch.setattr(made.training, "update", stop_in_the_third)

    with closing(made.folder):
        assert not made.run()

    assert updates_in(made.folder.path) == [0, 2]
    assert made.store.newest(pytest.fail)[1].ranks == ()
    assert said == ["note: not exact: checkpoints hold no games; a stopped run goes on with new ones"]


def test_rows_of_its_updates_are_written_before_a_checkpoint(loop, monkeypatch):
    """What a resume relies on: a kill right after the checkpoint loses no row of before it."""
    made, seen = loop(checkpoint__every_updates=1, evaluation__every_updates=0), []
    log, save = JsonlTracker.log, made.store.save

    def log_late(tracker, update, metrics):
        time.sleep(0.05)
        log(tracker, update, metrics)

    def save_and_look(update, *arguments):
        path = made.folder.metrics
        seen.append((update, path.read_text().count("\n") if path.exists() else 0))
        return save(update, *arguments)

    monkeypatch.setattr(JsonlTracker, "log", log_late)
    monkeypatch.setattr(made.store, "save", save_and_look)
    with closing(made.folder), closing(made.trackers):
        made.run()

    assert seen == [(update, update) for update in range(9)]


@pytest.mark.parametrize("name", ["config.toml", "metrics.jsonl", "lock", "checkpoints/update-000002"])
def test_file_that_is_taken_away_in_a_run_is_told_of(loop, monkeypatch, name):
    made, said = loop(checkpoint__every_updates=2, evaluation__every_updates=0, run__plies=384), []
    monkeypatch.setattr(made.progress, "say", said.append, raising=False)
    made.inventory.warn = said.append
    made.folder.write_config(made.training.settings.to_document())
    update = made.training.update

    def take_it_away_before_the_fourth(stop):
        path = made.folder.path / name
        if made.training.counters.update == 3:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        return update(stop)

    monkeypatch.setattr(made.training, "update", take_it_away_before_the_fourth)
    with closing(made.folder), closing(made), closing(made.trackers):
        assert made.run()

    told = f"warning: r/{name} was removed, cut or replaced, and not by this run; look for who does that"
    assert said == [told]
    assert made.folder.config.exists()


def test_folder_is_whole_after_an_ordinary_run(loop, monkeypatch):
    made = loop(checkpoint__every_updates=1, checkpoint__keep=1, evaluation__every_updates=0)
    made.inventory.warn = pytest.fail
    made.folder.write_config(made.training.settings.to_document())

    with closing(made.folder), closing(made), closing(made.trackers):
        assert made.run()
