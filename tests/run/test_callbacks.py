"""Callbacks: their figures are logged and may say which checkpoint is best; none disturbs or stops a run."""

import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import numpy as np
import pytest
import torch

from keisei_core.arena import Score
from keisei_core.checkpoint import CheckpointStore
from keisei_core.distribution import Single
from keisei_core.errors import ConfigError, StoppedError
from keisei_core.plugins import Choice, Component, Kind, Owner, read_settings
from keisei_core.run import Training
from keisei_core.run.best import Best, BestByFigure
from keisei_core.run.callbacks import Callbacks
from keisei_core.run.folder import RunFolder
from keisei_core.run.loop import Loop
from keisei_core.run.matches import from_rank_0
from keisei_core.run.progress import NoProgress
from keisei_core.run.stop import StopRequest
from keisei_core.run.tracking import Trackers

ALONE = Single(torch.device("cpu"))


class Toy:
    """Keeps what it is called with."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.calls: list[Any] = []
        made.append(self)

    def after_update(self, view: Any, metrics: Any) -> Any:
        self.calls.append(view.counters.update)
        return self.figures(view, metrics)

    def figures(self, view: Any, metrics: Any) -> Any:
        return None

    def after_checkpoint(self, path: Path) -> None:
        assert path.is_absolute()
        self.calls.append(path.name)

    def at_end(self, result: Any) -> None:
        self.calls.append(result)


class Draws(Toy):
    def figures(self, view: Any, metrics: Any) -> Any:
        torch.rand(3), np.random.rand(3), random.random()  # noqa: NPY002
        view.evaluator.value(view.segment.positions_of(np.arange(4)))
        return {"drawn": float(view.match("random", 2).games)}


class Rises(Toy):
    def figures(self, view: Any, metrics: Any) -> Any:
        return {"height": {1: 1.0, 2: 3.0, 3: float("nan"), 4: 3.0}.get(view.counters.update, 2.0)}


class Fails(Toy):
    def figures(self, view: Any, metrics: Any) -> Any:
        raise OSError("no disk")


class Words(Toy):
    def figures(self, view: Any, metrics: Any) -> Any:
        return "many"


class Meddles(Toy):
    def figures(self, view: Any, metrics: Any) -> Any:
        metrics["plies"] = 0


class Taken(Toy):
    def figures(self, view: Any, metrics: Any) -> Any:
        return {"plies": 7, "height": 8, "score": 9}


class Asks(Toy):
    """The user asks to stop while it plays a match."""

    def figures(self, view: Any, metrics: Any) -> Any:
        stops[-1].requested = True
        return view.match("random", 2)


class AsksLater(Toy):
    """Is stopped in its third update."""

    def figures(self, view: Any, metrics: Any) -> Any:
        if view.counters.update == 3:
            stops[-1].requested = True
            view.match("random", 2)
        return None


class Pretends(Toy):
    """Says that it was asked to stop, which nobody did."""

    def figures(self, view: Any, metrics: Any) -> Any:
        raise StoppedError("asked to stop during a match")


class Hangs(Toy):
    patience_s = 0.5

    def figures(self, view: Any, metrics: Any) -> Any:
        threading.Event().wait()


class Unsure(Toy):
    @property
    def patience_s(self) -> float:
        raise SystemExit(0)


class Spins(Toy):
    """Never ends, and catches what is to end it as far as such code usually does."""

    patience_s = 0.5

    def figures(self, view: Any, metrics: Any) -> Any:
        while True:
            with suppress(Exception):
                time.sleep(0.01)


class HangsUntilTheStop(Toy):
    def figures(self, view: Any, metrics: Any) -> Any:
        signal.raise_signal(signal.SIGTERM)
        threading.Event().wait()


class HangsLater(Toy):
    """After the checkpoint that a stop saves."""

    def figures(self, view: Any, metrics: Any) -> Any:
        signal.raise_signal(signal.SIGTERM)

    def after_checkpoint(self, path: Path) -> None:
        super().after_checkpoint(path)
        if stops[-1].requested:
            threading.Event().wait()


class Exits(Toy):
    def figures(self, view: Any, metrics: Any) -> Any:
        sys.exit(0)


class Interrupts(Toy):
    def figures(self, view: Any, metrics: Any) -> Any:
        raise KeyboardInterrupt


class Leaves(Toy):
    """Goes to another folder at every call."""

    def figures(self, view: Any, metrics: Any) -> Any:
        os.chdir("/")


class Writes(Toy):
    """Writes over what the run has learned from."""

    def figures(self, view: Any, metrics: Any) -> Any:
        view.segment.action[:] = 0


class Clears(Toy):
    """Empties what it is given, and counts at the end what there was."""

    def at_end(self, result: Any) -> None:
        super().at_end(dict(result))
        result["rungs"].clear()
        result.clear()


made: list[Toy] = []
stops: list[StopRequest] = []


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("callback_toys")
    for cls in (Toy, *Toy.__subclasses__()):
        setattr(module, cls.__name__, cls)
    monkeypatch.setitem(sys.modules, "callback_toys", module)
    monkeypatch.setattr("keisei_core.run.patience.GRACE_S", 0.5)
    made.clear()
    stops.clear()


def choice(cls: type[Toy]) -> Choice:
    component = Component(name=cls.__name__.lower(), target=f"callback_toys:{cls.__name__}", summary="a toy")
    return Choice(Kind.CALLBACK, component, Owner("keisei-plugins-x", "1.0", "https://x"))


@pytest.fixture
def loop(tiny: Any, tmp_path: Path) -> Callable[..., tuple[Loop, list[str]]]:
    """Makes a loop of 4 updates with callbacks, and the list of what it says."""

    def make(*classes: type[Toy], **changes: object) -> tuple[Loop, list[str]]:
        keys = {"run__plies": 256, "evaluation__every_updates": 0, "checkpoint__every_updates": 1000}
        settings = attrs.evolve(tiny(**keys | changes), callbacks=tuple(map(choice, classes)))
        said: list[str] = []
        training, progress = Training(settings, ALONE), NoProgress()
        progress.say = said.append  # type: ignore[method-assign]
        folder = RunFolder.create(tmp_path / f"run-{'-'.join(cls.__name__ for cls in classes)}")
        stops.append(StopRequest())
        asked = stops[-1].is_requested
        callbacks = Callbacks(settings.callbacks, training.callback_context(folder.path), said.append, asked)
        trackers = Trackers(settings.trackers, folder.path, said.append)
        return Loop(training, folder, trackers, progress, stops[-1], callbacks), said

    return make


def logged(loop: Loop) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (loop.folder.path / "metrics.jsonl").read_text().splitlines()]


def updates_in(loop: Loop) -> list[int]:
    folders = CheckpointStore(loop.folder.checkpoints, 1).folders()
    return [int(path.name.removeprefix("update-")) for path in folders]


def without_clock(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in record.items() if not name.endswith(("_s", "drawn"))} for record in records]


def test_run_with_a_callback_is_bit_equal_to_one_without(loop):
    (plain, _), (watched, said) = loop(), loop(Draws)
    for each in (plain, watched):
        with closing(each.folder):
            assert each.run()

    assert said == []
    assert without_clock(logged(plain)) == without_clock(logged(watched))
    assert [record["drawn"] for record in logged(watched)] == [2.0] * 4
    ends = [each.training.snapshot() for each in (plain, watched)]
    assert all(torch.equal(ends[0].weights[name], ends[1].weights[name]) for name in ends[0].weights)
    assert ends[0].ranks[0].state == ends[1].ranks[0].state


def test_callback_is_told_of_updates_and_checkpoints_in_their_order(loop):
    watched, _ = loop(Toy, checkpoint__every_updates=2)
    with closing(watched.folder):
        watched.run()

    (toy,) = made
    assert toy.calls == ["update-000000", 1, 2, "update-000002", 3, 4, "update-000004"]
    assert toy.context.run_folder == watched.folder.path.absolute()


@pytest.mark.parametrize(
    ("bad", "cause"),
    [
        (Fails, "OSError: no disk"),
        (Words, "TypeError: after_update must return numbers by name, or None, got 'many'"),
        (Meddles, "TypeError: 'mappingproxy' object does not support item assignment"),
        (Pretends, "StoppedError: asked to stop during a match"),
        (Hangs, "TimeoutError: took more than 0.5 s"),
        (Spins, "TimeoutError: took more than 0.5 s"),
        (Exits, "SystemExit: 0"),
        (Interrupts, "KeyboardInterrupt"),
        (Writes, "ValueError: assignment destination is read-only"),
    ],
)
def test_callback_that_fails_is_told_of_once_and_the_run_goes_on(loop, bad, cause):
    watched, said = loop(bad, Rises, evaluation__every_updates=0)
    with closing(watched.folder), stops[-1]:
        assert watched.run()

    name = bad.__name__.lower()
    assert said == [
        f"warning: callback {name} of keisei-plugins-x 1.0 failed and takes no further part ({cause}); "
        "report it at https://x"
    ]
    assert made[0].calls == ["update-000000", 1]
    assert [record["height"] for record in logged(watched)] == [1.0, 3.0, None, 3.0]


def test_callback_that_does_not_say_how_long_it_takes_is_told_of_and_the_run_goes_on(loop):
    watched, said = loop(Unsure, Rises, evaluation__every_updates=0)
    with closing(watched.folder), stops[-1]:
        assert watched.run()

    assert [line.partition(" (")[2].partition(";")[0] for line in said] == ["SystemExit: 0)"]
    assert (made[0].calls, len(logged(watched))) == ([], 4)


def test_callback_that_goes_elsewhere_is_told_of_once_and_the_run_stays(loop):
    here = os.getcwd()
    watched, said = loop(Leaves)
    with closing(watched.folder):
        assert watched.run()

    assert os.getcwd() == here
    assert said == ["warning: callback leaves of keisei-plugins-x 1.0 changed the working folder; put back"]
    assert made[0].calls[-1] == "update-000004"


def test_callback_gets_a_result_of_its_own(loop):
    watched, _ = loop(Clears, Toy)
    result = {"score": 0.5, "rungs": [{"score": 1.0}]}

    with closing(watched.folder):
        watched.callbacks.at_end(result)

    assert made[1].calls == [result]
    assert result == {"score": 0.5, "rungs": [{"score": 1.0}]}


def test_stop_interrupts_a_callback_that_does_not_come_back(loop):
    watched, said = loop(HangsUntilTheStop)
    with closing(watched.folder), stops[-1]:
        assert not watched.run()

    assert (updates_in(watched), said) == ([0], [])  # its update is made again


def test_callback_that_hangs_after_the_last_checkpoint_is_left(loop):
    watched, said = loop(HangsLater)
    with closing(watched.folder), stops[-1]:
        assert not watched.run()

    assert updates_in(watched) == [0, 1]
    assert len(said) == 1
    assert "callback hangslater of keisei-plugins-x 1.0 failed and takes no further part (StoppedError" in said[0]


def test_figure_whose_name_is_taken_gets_the_callbacks_in_front(loop):
    watched, said = loop(Rises, Taken)
    with closing(watched.folder):
        watched.run()

    first = logged(watched)[0]
    assert (first["plies"], first["taken.plies"]) == (64, 7)
    assert (first["height"], first["taken.height"], first["taken.score"]) == (1, 8, 9)
    assert "score" not in first  # it is that of the matches, in updates that have one
    assert said == [
        "warning: the core has a figure 'plies' too; that of taken is called taken.plies",
        "warning: callback rises has a figure 'height' too; that of taken is called taken.height",
        "warning: the core has a figure 'score' too; that of taken is called taken.score",
    ]


def test_checkpoint_with_the_highest_figure_stays(loop):
    watched, _ = loop(Rises, checkpoint__best_by="height", checkpoint__keep=1)
    with closing(watched.folder):
        watched.run()

    assert updates_in(watched) == [2, 4]
    _, newest = watched.store.newest(pytest.fail)
    assert newest.state["best"] == {"update": 2, "score": 3.0, "opponent": "", "figure": "height"}


def test_checkpoint_with_the_lowest_figure_stays_behind_a_minus(loop):
    watched, said = loop(Rises, checkpoint__best_by="-height", checkpoint__keep=1)
    with closing(watched.folder):
        watched.run()

    assert said == []
    assert updates_in(watched) == [1, 4]
    _, newest = watched.store.newest(pytest.fail)
    assert newest.state["best"] == {"update": 1, "score": 1.0, "opponent": "", "figure": "-height"}


def test_figure_that_nobody_gives_is_told_of_at_the_first_update(loop):
    watched, said = loop(Rises, checkpoint__best_by="heigth")
    with closing(watched.folder):
        watched.run()

    assert said == [
        "warning: update 1 has no figure 'heigth', by which [checkpoint] best_by chooses; did you mean 'height'?; "
        "no checkpoint is the best before there is one"
    ]
    assert watched.training.best is None


def test_figure_of_matches_is_waited_for_without_a_word():
    judge = BestByFigure("-value_log_loss", pytest.fail).judge

    assert judge(1, {"loss": 1.0}, None) is None
    assert judge(2, {"value_log_loss": 0.6}, None) == Best(update=2, score=0.6, figure="-value_log_loss")


def test_stop_during_a_callbacks_match_saves_and_logs_nothing_of_its_update(loop):
    watched, said = loop(Asks)
    with closing(watched.folder):
        assert not watched.run()

    assert (updates_in(watched), said) == ([0], [])
    assert not (watched.folder.path / "metrics.jsonl").exists()


def won(wins: int) -> Score:
    """A match of two games."""
    return Score(wins=wins, draws=0, losses=2 - wins, truncated=0, low=0.0, high=1.0)


def test_stop_after_a_better_match_keeps_the_checkpoint_that_was_best_before_its_update(loop, monkeypatch):
    watched, _ = loop(AsksLater, evaluation__every_updates=1, evaluation__games=2, checkpoint__keep=1)
    scores = iter([won(2), won(0), won(0), won(2), won(2)])  # from the second update on, two matches in each
    monkeypatch.setattr(watched.training.matches, "play", lambda *_: next(scores))
    with closing(watched.folder):
        assert not watched.run()

    assert watched.training.best.update == 3
    assert updates_in(watched) == [1, 2]
    _, newest = watched.store.newest(pytest.fail)
    assert newest.state["best"]["update"] == 1


@pytest.mark.parametrize(
    ("figure", "opponent", "value", "is_better"),
    [
        ("height", "", 2.0, False),
        ("height", "", 2.5, True),
        ("height", "", 1.0, False),
        ("breadth", "", 1.0, True),
        ("-height", "", 3.0, True),
        ("score", "random", 0.1, True),
    ],
)
def test_best_is_the_first_of_the_highest_of_one_figure(figure, opponent, value, is_better):
    latest = Best(update=2, score=value, figure=figure, opponent=opponent)

    assert latest.beats(Best(update=1, score=2.0, figure="height")) is is_better


def test_score_of_matches_is_left_to_them():
    best = Best(update=1, score=0.5, opponent="random")

    assert BestByFigure("score", pytest.fail).judge(2, {"score": 1.0}, best) is best


def test_callback_that_stands_twice_is_refused():
    with pytest.raises(ConfigError, match="callbacks must each stand once"):
        read_settings(None, [("run.callbacks", ["tactics", "tactics"])])


def test_options_of_a_callback_stand_in_its_own_table():
    overrides = [("run.callbacks", ["tactics"]), ("run.tactics.positions", 7)]
    settings = read_settings(None, overrides)

    assert settings.callbacks[0].options.positions == 7
    assert settings.to_document()["run"]["keisei-plugins-callbacks:tactics"] == {"every_updates": 1, "positions": 7}
    with pytest.raises(ConfigError, match=r"\[run.tactics\] unknown key 'position'; did you mean 'positions'"):
        read_settings(None, [("run.callbacks", ["tactics"]), ("run.tactics.position", 7)])


class Rank(Single):
    """One of two processes, one after the other: what rank 0 says is what rank 1 hears."""

    world_size = 2
    said = b""

    def __init__(self, rank: int) -> None:
        super().__init__(torch.device("cpu"))
        self.rank = rank  # type: ignore[misc]

    def broadcast(self, data: bytes) -> bytes:
        if self.rank == 0:
            Rank.said = data
        return Rank.said


def test_figures_of_rank_0_are_those_of_every_process():
    calls: list[int] = []

    def work(rank: int) -> dict[str, float]:
        calls.append(rank)
        return {"height": float("nan"), "kl": 0.1}

    found = [from_rank_0(partial(work, rank), Rank(rank)) for rank in (0, 1)]

    assert calls == [0]
    assert [value["kl"] for value in found] == [0.1, 0.1]
    assert np.isnan(found[1]["height"])
