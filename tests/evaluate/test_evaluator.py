"""Evaluating: the same answers however a batch goes to the device, and who is blamed for outputs that are none."""

import numpy as np
import pytest
import torch

from keisei_core.config.tables import ValueTable
from keisei_core.decide.policy_decider import drawn
from keisei_core.errors import DivergedError, PluginError
from keisei_core.evaluate import ActorCritic, Evaluator, evaluator
from keisei_core.evaluate.legal_bits import LegalBits, pack_legal
from keisei_core.observe import FeatureSet
from keisei_core.precision import Fp32
from keisei_core.shogi import NUM_ACTIONS, Games, draw_moves
from keisei_core.testing.small_run import PiecePlanes, SmallRun
from tests.late_device import LateQueue

CPU = torch.device("cpu")
BATCHES = (5, 8, 3, 8, 8)


def batches() -> list[Games]:
    """Returns games of several sizes, each batch in another position."""
    made = [Games(size, seed=seed) for seed, size in enumerate(BATCHES)]
    for plies, games in enumerate(made):
        for _ in range(plies):
            games.step(games.sample())
    return made


def expected(run: SmallRun) -> list[np.ndarray]:
    """Asks in the plain way, one batch after the other: float32 [3, N] of each."""
    stream, found = run.stream(3), []
    for games in batches():
        logits, value = run.evaluator.raw(games.positions)
        shares = torch.rand(len(logits), generator=stream)
        action, log_prob = draw_moves(logits.numpy(), games.legal.view(np.bool_), shares.numpy())
        found.append(np.stack([action, log_prob, value]))
    return found


def late(run: SmallRun) -> Evaluator:
    return Evaluator(run.network, run.evaluator.features, Fp32(CPU), CPU, LateQueue())


@pytest.mark.parametrize("num_bytes", [274, NUM_ACTIONS])
@pytest.mark.parametrize("size", [0, 1, 5])
def test_masks_come_back_as_they_were_whether_as_bits_or_not(size, num_bytes):
    legal = (np.random.default_rng(size).random((size, NUM_ACTIONS)) < 0.1).astype(np.uint8)
    packed = np.full((size, num_bytes), 255, np.uint8)
    pack_legal(legal, packed)

    unpacked = LegalBits(CPU).unpack(torch.from_numpy(packed))

    assert unpacked.dtype == torch.bool
    assert np.array_equal(unpacked.numpy(), legal != 0)


@pytest.mark.parametrize("in_flight", [1, 2, 5])
def test_answers_of_a_late_device_are_those_of_one_that_works_at_once(in_flight):
    run, stream, found = SmallRun(), SmallRun().stream(3), []
    asked = late(run)
    answers = []
    for games in batches():
        answers.append(asked.submit(games.positions, games.legal, drawn, stream))
        games.positions.board[:], games.legal[:] = 0, 0  # what was submitted is the caller's again
        if len(answers) == in_flight:
            found.append(answers.pop(0).collect())
    found += [answer.collect() for answer in answers]

    assert all(map(np.array_equal, found, expected(run)))


def test_inputs_written_over_after_use_change_no_answer():
    run, stream, answers = SmallRun(), SmallRun().stream(3), []
    for games in batches():
        answers.append(run.evaluator.submit(games.positions, games.legal, drawn, stream))
        for inputs in run.evaluator._rings[None]:
            for buffer in (inputs.planes, inputs.material, inputs.legal):
                buffer.array[:] = 255

    assert all(map(np.array_equal, [answer.collect() for answer in answers], expected(run)))


class Recorder:
    """Stands in for CUDA graphs: what is recorded reads from the same tensors, and draws, at every replay."""

    def __init__(self) -> None:
        self.num_recorded = 0

    def __call__(self, compute, stream):
        before = stream.get_state()
        compute()
        stream.set_state(before)
        self.num_recorded += 1
        return compute


def test_recorded_work_gives_the_answers_of_work_done_as_it_comes(monkeypatch):
    recorder, run, stream = Recorder(), SmallRun(), SmallRun().stream(3)
    monkeypatch.setattr(evaluator, "recorded", recorder)
    run.evaluator.records = True

    answers = [
        run.evaluator.submit(games.positions, games.legal, drawn, stream, repeats=True).collect() for games in batches()
    ]

    assert all(map(np.array_equal, answers, expected(run)))
    assert recorder.num_recorded == 4  # of three batches of 8 two, which take turns


def test_work_for_inputs_that_are_not_kept_is_not_recorded(monkeypatch):
    recorder, run, stream = Recorder(), SmallRun(), SmallRun().stream(3)
    monkeypatch.setattr(evaluator, "recorded", recorder)
    monkeypatch.setattr(evaluator, "KEPT", 5)
    run.evaluator.records = True

    answers = [
        run.evaluator.submit(games.positions, games.legal, drawn, stream, repeats=True).collect() for games in batches()
    ]

    assert all(map(np.array_equal, answers, expected(run)))
    assert recorder.num_recorded == 2  # of the batches of 5 and 3


def test_work_that_can_not_be_recorded_is_done_as_it_comes_and_told_once(monkeypatch, capsys):
    def refuses(compute, stream):
        raise RuntimeError("operation not permitted when stream is capturing")

    monkeypatch.setattr(evaluator, "recorded", refuses)
    run, stream = SmallRun(), SmallRun().stream(3)
    run.evaluator.records = True

    answers = [
        run.evaluator.submit(games.positions, games.legal, drawn, stream, repeats=True).collect() for games in batches()
    ]

    assert all(map(np.array_equal, answers, expected(run)))
    assert capsys.readouterr().err == (
        "warning: the network is run without CUDA graphs, it can't be recorded: "
        "RuntimeError: operation not permitted when stream is capturing\n"
    )


class Spoiled(torch.nn.Module):
    """Gives logits and values that are the same everywhere; the first ones differ from all others."""

    def __init__(self, logits: float, value: float) -> None:
        super().__init__()
        self.logits, self.value = [logits, 0.0], [value, 0.0]

    def forward(self, planes):
        logit, value = (given.pop(0) if len(given) > 1 else given[0] for given in (self.logits, self.value))
        return torch.full((len(planes), NUM_ACTIONS), logit), torch.full((len(planes),), value)


def asked(logits: float, value: float) -> Evaluator:
    """Asks a network twice, which is spoiled the first time."""
    network = ActorCritic(Spoiled(logits, value), PiecePlanes.channels, ValueTable(material=0.0), "model 'm' of p 1")
    made = Evaluator(network, FeatureSet([PiecePlanes()]), Fp32(CPU), CPU)
    made.watch()
    for _ in range(2):
        made.raw(Games(3).positions)
    return made


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_outputs_that_are_not_finite_are_still_known_when_others_have_come_since(number):
    with pytest.raises(DivergedError, match="got nan or inf in value of model 'm' of p 1"):
        asked(0.0, number).require_values()
    with pytest.raises(DivergedError, match="got nan or inf in logits of model 'm' of p 1"):
        asked(number, 0.0).require_logits()


def test_values_that_are_no_results_are_the_models_fault():
    with pytest.raises(PluginError, match="model 'm' of p 1: value must be the expected result"):
        asked(0.0, -70.0).require_values()


def test_batch_of_no_positions_is_sound():
    made = asked(0.0, 0.0)
    made.raw(Games(3).positions[:0])

    made.require_values()
    made.require_logits()


def test_sound_outputs_are_told_apart_from_those_before_the_watch():
    made = asked(np.nan, np.nan)
    made.watch()
    made.raw(Games(3).positions)

    made.require_values()
    made.require_logits()
