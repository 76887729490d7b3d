"""`[checkpoint] games = false`: checkpoints hold no games; a run that goes on starts new ones, and says so."""

import json
from pathlib import Path
from typing import Any

import attrs
import pytest
import torch

from keisei_core.checkpoint import Checkpoint, gathered, read_checkpoint, write_checkpoint
from keisei_core.distribution import Single
from keisei_core.run import Training
from keisei_core.run.taking_up import begun_anew, take_up

PATH = Path("r/checkpoints/update-000002")
KEYS: dict[str, Any] = {
    "checkpoint__games": False,
    "precision__name": "fp32",
    "selfplay__midgame_share": 0.5,
    "selfplay__midgame_plies": 20,
    "selfplay__pool_share": 0.5,
    "selfplay__pool_every_updates": 1,
    "tracking__sample_games": 2,
}


class One(Single):
    """One of several processes; what it hands to others is lost."""

    def __init__(self, rank: int, world_size: int) -> None:
        super().__init__(torch.device("cpu"))
        self.rank, self.world_size = rank, world_size  # type: ignore[misc]

    def gather(self, data: bytes) -> list[bytes]:
        raise AssertionError("nothing of these checkpoints lies in one process alone")


@pytest.fixture(scope="module")
def made(tiny: Any) -> Checkpoint:
    """The checkpoint of two updates."""
    training = Training(tiny(**KEYS), One(0, 1))
    for _ in range(2):
        training.update()
    return training.snapshot()


def going_on(tiny: Any, checkpoint: Checkpoint, rank: int = 0, world_size: int = 1) -> Training:
    training = Training(tiny(**KEYS), One(rank, world_size))
    take_up(training, checkpoint, PATH)
    return training


def begun(training: Training) -> str:
    """All that a training draws from, and the games that it begins with."""
    arrays, data = training.source.state()
    games = {name: array.tobytes().hex() for name, array in sorted(arrays.items()) if name != "legal"}
    order = training.learner.batches.order.bit_generator.state
    return json.dumps([games, data, training.starts.state()[1], order])


def test_checkpoint_without_games_has_no_files_of_processes(made: Checkpoint, tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "c", made)

    files = {path.name for path in (tmp_path / "c").iterdir()}
    assert files == {"manifest.json", "weights.safetensors", "optimizer.safetensors", "pool.safetensors", "state.json"}
    assert read_checkpoint(tmp_path / "c").ranks == ()


def test_processes_gather_nothing_and_rank_0_alone_has_the_checkpoint(made: Checkpoint) -> None:
    assert gathered(made, One(0, 2)) is made
    assert gathered(made, One(1, 2)) is None


def test_run_goes_on_with_its_networks_and_counters_and_with_games_that_begin(tiny: Any, made: Checkpoint) -> None:
    training = going_on(tiny, made)
    again = training.snapshot()

    for part in ("weights", "optimizer", "pool"):
        before, after = getattr(made, part), getattr(again, part)
        assert before.keys() == after.keys()
        assert all(torch.equal(before[name], after[name]) for name in before)
    assert again.state["counters"] == made.state["counters"]
    games = training.source.games
    played = games.positions.ply.astype(int) - games.repetition_state.first_ply
    assert played.max() <= training.settings.selfplay.opening_plies
    assert training.update()[0]["plies"] == made.state["counters"]["plies"] + training.plies_per_update


def test_games_and_streams_are_others_than_those_the_run_began_with_and_the_same_every_time(
    tiny: Any, made: Checkpoint
) -> None:
    later = attrs.evolve(made, state=made.state | {"counters": made.state["counters"] | {"update": 3}})
    first = begun(going_on(tiny, made))

    assert first == begun(going_on(tiny, made))
    assert first != begun(Training(tiny(**KEYS), One(0, 1)))
    assert first != begun(going_on(tiny, later))
    assert begun(going_on(tiny, made, 0, 2)) != begun(going_on(tiny, made, 1, 2))


def test_run_that_goes_on_without_its_games_says_that_it_is_another(
    tiny: Any, made: Checkpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    going_on(tiny, made)

    said = capsys.readouterr().err
    assert "note: update-000002: holds no games" in said
    assert "is not what an unbroken run would have made" in said
    assert len(list(begun_anew(made, 2))) == 1


def test_run_that_plays_ahead_holds_nothing_played_and_says_so(tiny: Any, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (Training(tiny(**KEYS, run__lag=1), One(0, 1)) for _ in range(2))
    for training in (first, second):
        training.update()
        assert len(training.ahead.segments) == 1

    take_up(second, first.snapshot(), PATH)

    assert len(second.ahead.segments) == 0
    assert "what was played ahead" in capsys.readouterr().err
    second.update()
    assert second.counters.plies == 2 * first.plies_per_update


def test_config_decides_what_is_kept_from_here_on(tiny: Any, made: Checkpoint) -> None:
    training = Training(tiny(**KEYS | {"checkpoint__games": True}), One(0, 1))
    take_up(training, made, PATH)

    assert len(training.snapshot().ranks) == 1
