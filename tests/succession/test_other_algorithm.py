"""A run that goes on from another's: what belonged to another algorithm or was played ahead is left behind."""

from pathlib import Path
from typing import Any

import attrs
import numpy as np
import pytest
import torch

from keisei_core.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from keisei_core.distribution import Single
from keisei_core.plugins import Settings
from keisei_core.run import Training
from keisei_core.succession.heir import Heir
from keisei_plugins_ppo.ppo import PPO

ALONE = Single(torch.device("cpu"))


class Keeps(PPO):
    """PPO that keeps a state, and takes back no other."""

    def state(self) -> tuple[dict[str, Any], dict[str, Any]]:
        return {"averages": np.ones(3)}, {"count": 7}

    def load_state(self, arrays: Any, data: Any) -> None:
        assert (arrays.keys(), data) == ({"averages"}, {"count": 7})


def with_algorithm(settings: Settings, cls: type[PPO], name: str) -> Settings:
    component = attrs.evolve(settings.algorithm.component, name=name, target=f"{cls.__module__}:{cls.__name__}")
    return attrs.evolve(settings, algorithm=attrs.evolve(settings.algorithm, component=component))


@pytest.fixture
def keeping(tiny, monkeypatch) -> Settings:
    monkeypatch.setattr("keisei_plugins_ppo.ppo.Keeps", Keeps, raising=False)
    monkeypatch.setattr(Keeps, "__module__", PPO.__module__)
    return with_algorithm(tiny(), Keeps, "keeps")


def stored(training: Training, folder: Path) -> Checkpoint:
    """Writes a training's checkpoint and reads it back."""
    checkpoint = training.checkpoint()
    assert checkpoint is not None
    write_checkpoint(folder, checkpoint)
    return read_checkpoint(folder)


@pytest.mark.parametrize("has_kept", [True, False])
def test_another_algorithm_begins_without_its_state_and_the_games_go_on(tiny, keeping, tmp_path, has_kept):
    before, after = (keeping, tiny()) if has_kept else (tiny(), keeping)
    training = Training(before, ALONE)
    training.update()
    old = stored(training, tmp_path / "update-000001")

    successor = Heir(after, tmp_path / "update-000001", []).successor

    names = before.algorithm.reference, after.algorithm.reference
    assert f"algorithm {names[0]} -> {names[1]}: its state starts anew" in successor.notes
    assert "games in progress and random streams go on" in successor.notes
    own = successor.checkpoint.ranks[0]
    assert own.state.keys() == old.ranks[0].state.keys() - {"algorithm"}
    assert own.arrays.keys() == old.ranks[0].arrays.keys() - {"algorithm.averages"}
    Training(after, ALONE).restore(successor.checkpoint)


def test_same_algorithm_goes_on_with_its_state(keeping, tmp_path):
    old = stored(Training(keeping, ALONE), tmp_path / "update-000000")

    successor = Heir(keeping, tmp_path / "update-000000", []).successor

    own = successor.checkpoint.ranks[0]
    assert own.state["algorithm"] == old.ranks[0].state["algorithm"] == {"count": 7}
    assert own.arrays.keys() == old.ranks[0].arrays.keys()
    assert "algorithm.averages" in own.arrays
    Training(keeping, ALONE).restore(successor.checkpoint)


def test_state_of_another_algorithm_is_not_resumed(tiny, keeping, tmp_path):
    checkpoint = stored(Training(keeping, ALONE), tmp_path / "update-000000")

    with pytest.raises(
        ValueError, match="made with the algorithm 'keisei-plugins-ppo:keeps', the config has 'keisei-plugins-ppo:ppo'"
    ):
        Training(tiny(), ALONE).restore(checkpoint)


def test_segments_played_ahead_are_left_behind_and_said_to_be(tiny, tmp_path):
    settings = tiny(run__lag=2)
    training = Training(settings, ALONE)
    training.update()
    old = stored(training, tmp_path / "update-000001").ranks[0]

    successor = Heir(settings, tmp_path / "update-000001", []).successor

    own = successor.checkpoint.ranks[0]
    assert "segments played ahead are dropped: 2" in successor.notes
    assert own.state.keys() == old.state.keys() - {"ahead"}
    assert own.arrays.keys() == {name for name in old.arrays if not name.startswith("ahead.")} < old.arrays.keys()
    heir = Training(settings, ALONE)
    heir.restore(successor.checkpoint)
    heir.update()
    assert heir.counters.update == 2
