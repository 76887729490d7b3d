"""A run of seconds whose checkpoints play in the arena."""

from pathlib import Path

import pytest
import tomli_w
import torch

from keisei_core.checkpoint import CheckpointStore
from keisei_core.distribution import Single
from keisei_core.plugins import Settings, read_settings
from keisei_core.run import Training

TINY = {
    "run.device": "cpu",
    "run.threads": 1,
    "selfplay.games": 8,
    "selfplay.rollout_plies": 8,
    "selfplay.max_plies": 40,
    "learning.minibatch": 32,
    "model.tower_depth": 1,
    "model.tower_width": 8,
}


@pytest.fixture(scope="session")
def settings() -> Settings:
    return read_settings(None, list(TINY.items()))


@pytest.fixture(scope="session")
def training(settings: Settings) -> Training:
    """A training after one update: its policy is not flat any more."""
    made = Training(settings, Single(torch.device("cpu")))
    made.update()
    return made


@pytest.fixture
def run_folder(training: Training, settings: Settings, tmp_path: Path) -> Path:
    """A run folder with one checkpoint, of update 1."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config.toml").write_text(tomli_w.dumps(settings.to_document()))
    CheckpointStore(folder / "checkpoints", keep=3).save(1, training.checkpoint())
    return folder
