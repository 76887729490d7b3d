"""Muon of docs/plugins/optimizers.md, as it stands there: it trains, is checkpointed, resumed and migrated."""

import re
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import torch

from keisei_core.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from keisei_core.distribution import Single
from keisei_core.plugins import Settings, read_settings
from keisei_core.run import Training
from keisei_core.run.taking_up import take_up
from keisei_core.succession.heir import Heir

PAGE = (Path(__file__).parents[2] / "docs" / "plugins" / "optimizers.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```python\n# (\w+)\.py\n(.*?)```", PAGE, re.DOTALL))
INSTALLED = tuple(entry_points(group="keisei"))
ALONE = Single(torch.device("cpu"))
TINY = {
    "run.device": "cpu",
    "run.threads": 1,
    "run.plies": 512,
    "optimizer.name": "mymuon",
    "selfplay.games": 8,
    "selfplay.rollout_plies": 8,
    "selfplay.max_plies": 40,
    "learning.minibatch": 32,
    "model.tower_depth": 1,
    "model.tower_width": 8,
}


@pytest.fixture(autouse=True)
def muon(workshop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    hooks = FILES["hooks"].replace("muon:", "{module}.muon:")
    workshop.plugin(hooks, distribution="keisei-plugins-mymuon", entry="mymuon", files={"muon": FILES["muon"]})
    everything = [*INSTALLED, *workshop.entries()]
    monkeypatch.setattr("keisei_core.plugins.loader.installed_entries", lambda: everything)


def settings(**changes: object) -> Settings:
    keys = TINY | {name.replace("__", "."): value for name, value in changes.items()}
    return read_settings(None, [(key, value) for key, value in keys.items()])


def stored(training: Training, folder: Path) -> Checkpoint:
    """Writes a training's checkpoint and reads it back."""
    checkpoint = training.checkpoint()
    assert checkpoint is not None
    write_checkpoint(folder, checkpoint)
    return read_checkpoint(folder)


def test_run_steps_by_it_at_its_own_rate() -> None:
    training = Training(settings(optimizer__learning_rate=0.02, optimizer__final_share=0.5), ALONE)

    metrics, _ = training.update()

    matrices, others = training.learner.steps.optimizer.param_groups
    assert metrics["learning_rate"] == matrices["lr"] == 0.02
    assert others["lr"] == pytest.approx(0.002)
    assert all(parameter.dim() > 1 for parameter in matrices["params"])


def test_resumed_run_is_the_run(tmp_path: Path) -> None:
    whole = Training(settings(), ALONE)
    whole.update()
    checkpoint = stored(whole, tmp_path / "update-000001")
    resumed = Training(settings(), ALONE)
    resumed.restore(checkpoint)
    for training in (whole, resumed):
        training.update()

    one, other = whole.snapshot(), resumed.snapshot()

    for name in ("weights", "optimizer"):
        tensors, twins = getattr(one, name), getattr(other, name)
        assert tensors.keys() == twins.keys()
        assert all(torch.equal(tensor, twins[key]) for key, tensor in tensors.items())
    assert {key.rpartition(":")[2] for key in one.optimizer} == {"momentum", "mean", "square", "=steps"}


def test_momentum_goes_along_to_other_planes(tmp_path: Path) -> None:
    old = Training(settings(), ALONE)
    old.update()
    checkpoint = stored(old, tmp_path / "update-000001")
    new = settings(input__features="core46+check")

    migrated = Heir(new, tmp_path / "update-000001", []).successor.checkpoint
    training = Training(new, ALONE)
    take_up(training, migrated, tmp_path / "new" / "checkpoints" / "update-000001")
    training.update()

    before, after = checkpoint.optimizer, migrated.optimizer
    assert before.keys() == after.keys()
    wider = [key for key in before if before[key].shape != after[key].shape]
    assert wider
    for key in wider:
        assert torch.equal(after[key][:, :46], before[key])
        assert not after[key][:, 46:].any()


def test_another_optimizer_begins_without_its_state(tmp_path: Path) -> None:
    old = Training(settings(), ALONE)
    old.update()
    stored(old, tmp_path / "update-000001")

    successor = Heir(settings(optimizer__name="adam"), tmp_path / "update-000001", []).successor

    assert successor.checkpoint.optimizer == {}
    assert "optimizer keisei-plugins-mymuon:mymuon -> keisei:adam: its state starts anew" in successor.notes


def test_state_of_another_optimizer_is_not_resumed(tmp_path: Path) -> None:
    old = Training(settings(), ALONE)
    checkpoint = stored(old, tmp_path / "update-000000")

    with pytest.raises(
        ValueError, match="made with the optimizer 'keisei-plugins-mymuon:mymuon', the config has 'keisei:adam'"
    ):
        Training(settings(optimizer__name="adam"), ALONE).restore(checkpoint)
