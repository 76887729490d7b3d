"""A run that plays ahead: which weights played what, the same run whoever waits for whom, and the same after a stop."""

import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
import torch
import torch.nn.functional as F

from keisei_core.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from keisei_core.distribution import Single
from keisei_core.errors import DivergedError, PluginError, StoppedError
from keisei_core.experience import Segment
from keisei_core.learn import Report
from keisei_core.observe import FeatureSet
from keisei_core.run import Training
from keisei_core.run.progress import PlainProgress
from keisei_core.run.taking_up import take_up
from keisei_core.shogi import legal_mask

ALONE = Single(torch.device("cpu"))
UPDATES = 4
ALL = {
    "run__plies": UPDATES * 64, "precision__name": "fp16", "selfplay__halves": "yes", "selfplay__pool_share": 0.5,
    "selfplay__pool_every_updates": 1, "selfplay__pool_size": 2, "selfplay__max_plies": 36,
    "selfplay__midgame_share": 0.5, "selfplay__midgame_plies": 20, "tracking__sample_games": 3,
    "learning__averaging": 0.9,
}  # fmt: skip
"""All that a run's state may have to hold: opponents, drawn starts, loss scaling, recorded games, an average."""


@pytest.fixture
def in_turn(monkeypatch: pytest.MonkeyPatch) -> Callable[[Training], None]:
    """Lets a training play each segment to its end before it learns: the plain version of playing ahead."""

    def change(training: Training) -> None:
        playing = training.ahead.playing

        @contextmanager
        def first_play(*arguments: Any) -> Iterator[None]:
            with playing(*arguments):
                pass
            yield

        monkeypatch.setattr(training.ahead, "playing", first_play)

    return change


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    yield
    for thread in threading.enumerate():
        if thread.name == "keisei-play":
            thread.join(20)
            assert not thread.is_alive()


def learned_by(training: Training, monkeypatch: pytest.MonkeyPatch) -> list[Segment]:
    """The segments that a training learns from here on."""
    seen, update = [], training.learner.update

    def watched(segment: Segment, *arguments: Any) -> Report:
        seen.append(segment)
        return update(segment, *arguments)

    monkeypatch.setattr(training.learner, "update", watched)
    return seen


def hashes(checkpoint: Checkpoint) -> dict[str, str]:
    """SHA-256 of each part of a checkpoint but the clocks."""
    own = checkpoint.ranks[0]
    tensors = {f"{file}/{n}": t.numpy() for file in ("weights", "average", "optimizer", "pool")
               for n, t in getattr(checkpoint, file).items()}  # fmt: skip
    counters = checkpoint.state["counters"] | {"elapsed_s": 0, "core_s": 0}
    parts = {name: array.tobytes() for name, array in (tensors | own.arrays).items()}
    parts |= {name: json.dumps(data).encode() for name, data in (own.state | {"counters": counters}).items()}
    return {name: hashlib.sha256(blob).hexdigest() for name, blob in parts.items()}


def test_lag_0_plays_by_the_network_that_learns_and_keeps_nothing(tiny):
    training = Training(tiny(), ALONE)

    metrics, _ = training.update()

    assert training.ahead is None
    assert training.acting is training.evaluator
    assert "ahead" not in training.checkpoint().ranks[0].state
    assert "wait_share" not in metrics


@pytest.mark.parametrize("lag", [1, 3])
def test_segment_is_learned_by_the_lag_after_the_weights_that_played_it(tiny, monkeypatch, lag):
    training = Training(tiny(run__lag=lag, run__plies=UPDATES * 64), ALONE)
    learned = learned_by(training, monkeypatch)

    for _ in range(UPDATES):
        training.update()

    assert [segment.version for segment in learned] == [max(update - lag, 0) for update in range(UPDATES)]
    assert not training.ahead.segments.segments  # nothing was played that is never learned


def test_planes_are_written_by_one_thread_each(tiny, monkeypatch):
    training = Training(tiny(run__lag=1, selfplay__pool_share=0.5, selfplay__pool_every_updates=1), ALONE)
    writers, write = defaultdict(set), FeatureSet._write
    monkeypatch.setattr(FeatureSet, "_write", lambda own, *arguments: (
        writers[own].add(threading.current_thread().name), write(own, *arguments))[1])  # fmt: skip

    for _ in range(3):
        training.update()

    own = threading.current_thread().name
    assert writers == {training.acting.features: {"keisei-play"}, training.features: {own}}


def test_stored_probabilities_are_those_of_the_weights_of_the_segments_version(tiny, monkeypatch):
    """Looked up with the old weights in the network that learns, which have moved on in the network that acts."""
    training = Training(tiny(run__lag=1, precision__name="fp32"), ALONE)
    learned = learned_by(training, monkeypatch)
    weights, errors = [], []
    for _ in range(4):
        weights.append({name: t.clone() for name, t in training.network.network.state_dict().items()})
        errors.append(training.update()[0]["first_ratio_error"])

    segment = learned[-1]
    training.network.network.load_state_dict(weights[segment.version])
    legal = legal_mask(segment.positions)
    found, value = training.network.eval() and training.evaluator.policy_and_value(segment.positions, legal)
    own = found[torch.arange(segment.num_plies), torch.from_numpy(segment.action.reshape(-1)).long()]

    assert segment.version == 2
    assert own.numpy() == pytest.approx(segment.columns["log_prob"].reshape(-1), abs=1e-5)
    assert value.numpy() == pytest.approx(segment.columns["value"].reshape(-1), abs=1e-5)
    assert errors[0] < 1e-4 < min(errors[2:])  # the ratio tells how far the policy has come since


def test_run_is_the_same_whether_it_plays_while_it_learns_or_before(tiny, in_turn):
    overlapped, plain = (Training(tiny(**ALL, run__lag=2), ALONE) for _ in range(2))
    in_turn(plain)

    for _ in range(UPDATES):
        records = [training.update()[1] for training in (overlapped, plain)]
        assert records[0] == records[1]
        assert hashes(overlapped.checkpoint()) == hashes(plain.checkpoint())


def drop_out(network: torch.nn.Module, planes: Any, outputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
    return F.dropout(outputs[0], 0.1, training=torch.is_grad_enabled()), outputs[1]


def test_resume_at_every_checkpoint_equals_no_interruption_bit_for_bit(tiny, tmp_path):
    def build() -> Training:
        training = Training(tiny(**ALL, run__lag=2), ALONE)
        training.network.network.register_forward_hook(drop_out)
        return training

    whole = build()
    for update in range(UPDATES):
        write_checkpoint(tmp_path / str(update), whole.checkpoint())
        whole.update()
    expected = hashes(whole.checkpoint())

    for update in range(1, UPDATES):
        resumed = build()
        resumed.restore(read_checkpoint(tmp_path / str(update)))
        for _ in range(UPDATES - update):
            resumed.update()
        assert hashes(resumed.checkpoint()) == expected


@pytest.mark.parametrize("part", ["segments", "reports"])
def test_resume_without_a_part_of_what_was_played_ahead_differs(tiny, part):
    settings = tiny(**ALL, run__lag=2)
    whole, resumed = Training(settings, ALONE), Training(settings, ALONE)
    for _ in range(2):
        whole.update()
    checkpoint = whole.checkpoint()
    held = checkpoint.ranks[0].state["ahead"]
    changed = {"segments": list(reversed(held["segments"])), "reports": [{**held["reports"][0], "records": []}] * 2}
    own = attrs.evolve(
        checkpoint.ranks[0],
        state=checkpoint.ranks[0].state | {"ahead": held | {part: changed[part]}},
        arrays={swapped(name) if part == "segments" else name: a for name, a in checkpoint.ranks[0].arrays.items()},
    )
    resumed.restore(attrs.evolve(checkpoint, ranks=(own,)))

    ends = [[training.update() for _ in range(3)] for training in (whole, resumed)]

    records = [[record for _, found in end for record in found] for end in ends]
    assert hashes(whole.checkpoint()) != hashes(resumed.checkpoint()) or records[0] != records[1]


@pytest.mark.parametrize(("num_segments", "num_reports"), [(1, 2), (2, 1), (3, 3)])
def test_segments_that_are_too_many_or_have_no_report_each_are_refused(tiny, num_segments, num_reports):
    training = Training(tiny(run__lag=2), ALONE)
    training.update()
    arrays, held = training.ahead.state()
    wrong = {"segments": held["segments"][:1] * num_segments, "reports": held["reports"][:1] * num_reports}

    with pytest.raises(ValueError, match=f"at most 2 .* got {num_segments} segments and {num_reports} reports$"):
        training.ahead.load_state(arrays, held | wrong)


def swapped(name: str) -> str:
    """Gives the arrays of the first segment held to the second, and the other way round."""
    for own, other in (("ahead.0.", "ahead.1."), ("ahead.1.", "ahead.0.")):
        if name.startswith(own):
            return other + name.removeprefix(own)
    return name


@pytest.mark.parametrize(("before", "after", "said"), [
    (2, 1, ["made with [run] lag = 2, goes on with 1: what follows is not what 2 would have made",
            "2 x 1 segments that were played ahead are dropped, the games go on behind them"]),
    (0, 1, ["made with [run] lag = 0, goes on with 1: what follows is not what 0 would have made"]),
    (1, 0, ["made with [run] lag = 1, goes on with 0: what follows is not what 1 would have made",
            "1 x 1 segments that were played ahead are dropped, the games go on behind them"]),
    (1, 1, []),
])  # fmt: skip
def test_resume_with_another_lag_goes_on_and_says_what_it_drops(tiny, capsys, before, after, said):
    first, second = (Training(tiny(run__lag=lag), ALONE) for lag in (before, after))
    first.update()

    take_up(second, first.checkpoint(), Path("r/checkpoints/update-000001"))
    second.update()

    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if "note" in line] == [f"note: update-000001: {line}" for line in said]
    assert second.counters.plies == 128


def test_complete_run_that_goes_on_with_another_lag_has_no_segments_to_drop(tiny, capsys):
    first, second = (Training(tiny(run__lag=lag, run__plies=64), ALONE) for lag in (1, 2))
    first.update()

    take_up(second, first.checkpoint(), Path("r/checkpoints/update-000001"))

    assert "made with [run] lag = 1, goes on with 2" in (said := capsys.readouterr().err)
    assert "dropped" not in said


def test_stop_while_both_work_leaves_the_state_before_from_which_the_run_goes_on(tiny):
    settings = tiny(**ALL, run__lag=1)
    whole, stopped, resumed = (Training(settings, ALONE) for _ in range(3))
    for training in (whole, stopped):
        training.update()
    before = stopped.snapshot()
    with pytest.raises(StoppedError):
        stopped.update(lambda: True)
    resumed.restore(before)

    assert whole.update()[0]["kl"] == resumed.update()[0]["kl"]
    assert hashes(whole.checkpoint()) == hashes(resumed.checkpoint())


def test_stop_that_comes_once_learning_is_over_stops_the_play(tiny, monkeypatch):
    training, asked, learned = Training(tiny(run__lag=1), ALONE), threading.Event(), threading.Event()
    training.update()
    monkeypatch.setattr(training.source, "next", lambda version, stop: learned.wait(20) and ask(asked, stop))
    update = training.learner.update
    monkeypatch.setattr(training.learner, "update", lambda *arguments: (update(*arguments), learned.set())[0])

    with pytest.raises(StoppedError, match="while one rollout was learned from and another was played"):
        training.update(asked.is_set)


def ask(asked: threading.Event, stop: Callable[[], bool]) -> None:
    """A stop is asked for, and seen by who plays."""
    asked.set()
    assert stop()
    raise StoppedError("asked to stop during self-play")


def test_play_that_does_not_look_for_a_stop_is_left_behind(tiny, monkeypatch):
    """As a decider that hangs: the run is saved, and ends without it."""
    monkeypatch.setattr("keisei_core.run.own_thread.GRACE_S", 0.1)
    training, over, asked = Training(tiny(run__lag=1), ALONE), threading.Event(), threading.Event()
    training.update()
    monkeypatch.setattr(training.source, "next", lambda version, stop: over.wait(60) and ask(asked, stop))
    update = training.learner.update
    monkeypatch.setattr(training.learner, "update", lambda *arguments: (update(*arguments), asked.set())[0])

    with pytest.raises(StoppedError):
        training.update(asked.is_set)
    over.set()


def test_restoring_drops_what_was_held_before(tiny):
    training = Training(tiny(run__lag=1), ALONE)
    at_start = training.snapshot()
    training.update()

    training.restore(at_start)

    assert not training.ahead.segments.segments
    assert not training.ahead.reports


@pytest.mark.parametrize("error", [DivergedError("nan"), PluginError("decider"), ZeroDivisionError(), SystemExit(1)])
def test_whatever_ends_the_play_comes_out_as_itself_once_learning_is_over(tiny, monkeypatch, error):
    training = Training(tiny(run__lag=1), ALONE)
    training.update()

    def fail(version: int, stop: Callable[[], bool]) -> None:
        raise error

    monkeypatch.setattr(training.source, "next", fail)

    with pytest.raises(type(error)) as found:
        training.update()
    assert found.value is error
    assert any(entry.name == "fail" for entry in found.traceback)  # by which the fault's package is found


def test_play_is_given_up_where_learning_fails(tiny, monkeypatch):
    training = Training(tiny(run__lag=1), ALONE)
    training.update()
    stops, began = [], threading.Event()

    def play(version: int, stop: Callable[[], bool]) -> None:
        began.set()
        while not stop():
            pass
        stops.append(True)
        raise StoppedError("asked to stop during self-play")

    def diverge(*arguments: Any) -> None:
        began.wait(20)
        raise DivergedError("nan")

    monkeypatch.setattr(training.source, "next", play)
    monkeypatch.setattr(training.learner, "update", diverge)

    with pytest.raises(DivergedError):
        training.update()
    assert stops == [True]


def test_network_that_draws_from_the_common_stream_in_play_is_refused(tiny):
    training = Training(tiny(run__lag=1), ALONE)
    training.acting.network.network.register_forward_hook(lambda *given: torch.rand(1) and None)

    with pytest.raises(PluginError, match=r"^model 'resnet' of keisei-plugins-resnet .* write lag = 0 in \[run\]$"):
        training.update()


def test_network_that_draws_is_refused_in_a_resumed_run_too(tiny):
    first, resumed = (Training(tiny(run__lag=1), ALONE) for _ in range(2))
    first.update()
    resumed.restore(first.snapshot())
    resumed.acting.network.network.register_forward_hook(lambda *given: torch.rand(1) and None)

    with pytest.raises(PluginError, match="draws from torch's global random stream in play"):
        resumed.update()


def test_network_that_draws_from_the_stream_of_its_gpu_is_refused(tiny, monkeypatch):
    training, drawn = Training(tiny(run__lag=1), ALONE), torch.Generator().manual_seed(0)
    monkeypatch.setattr(torch.cuda, "get_rng_state", lambda device: drawn.get_state())
    training.acting.device = torch.device("cuda")  # asks for its stream; the network stays where it is
    training.acting.network.network.register_forward_hook(lambda *given: torch.rand(1, generator=drawn) and None)

    with pytest.raises(PluginError, match="draws from torch's global random stream in play"):
        training.update()


def test_snapshot_of_the_pool_has_the_weights_of_its_update(tiny):
    training = Training(tiny(run__lag=1, selfplay__pool_share=0.5, selfplay__pool_every_updates=1), ALONE)
    training.update()
    training.update()

    newest = training.source.pool.slots[1].network.network.state_dict()

    assert all(torch.equal(t, newest[name]) for name, t in training.network.network.state_dict().items())


def test_update_tells_how_long_it_played_and_how_much_of_that_learning_waited_for(tiny):
    training = Training(tiny(run__lag=1), ALONE)

    first, second = training.update()[0], training.update()[0]

    for metrics in (first, second):
        assert metrics["wait_s"] >= 0
        assert 0 <= metrics["wait_share"] < 1
    assert first["wait_share"] > 0  # the first segment of all


class Stopped(Single):
    """A process whose companion was asked to stop while both played ahead."""

    def __init__(self) -> None:
        super().__init__(torch.device("cpu"))
        self.asked: list[bool] = []

    def any(self, flag: bool) -> bool:
        self.asked.append(flag)
        return len(self.asked) == 2  # after the rollout to be learned from, and after learning and play


def test_process_leaves_with_another_that_was_stopped_in_its_play(tiny):
    training = Training(tiny(run__lag=1), Stopped())

    with pytest.raises(StoppedError, match="while one rollout was learned from and another was played"):
        training.update()
    assert training.backend.asked == [False, False]
    assert training.counters.update == 0


def test_plain_line_of_a_run_that_plays_ahead_says_how_much_it_waited(tiny, capsys):
    training = Training(tiny(run__lag=1), ALONE)
    metrics, _ = training.update()

    PlainProgress().update({**metrics, "wait_share": 0.256}, training.outlook())

    assert "  waited 26%  eta" in capsys.readouterr().err
