"""A run of four checkpoints that were never played, after 1, 2, 3 and 8 core-minutes, and one before any update."""

import json
from pathlib import Path

import pytest
import tomli_w
import torch

from keisei_core.checkpoint import CheckpointStore
from keisei_core.distribution import Single
from keisei_core.plugins import read_settings
from keisei_core.run import Training

TINY = {
    "run.device": "cpu",
    "run.threads": 1,
    "run.seed": 7,
    "selfplay.games": 8,
    "selfplay.rollout_plies": 8,
    "selfplay.max_plies": 40,
    "learning.minibatch": 32,
    "model.tower_depth": 1,
    "model.tower_width": 8,
}
CORE_MINUTES = (0.01, 1, 2, 3, 8)
ENVIRONMENT = {
    "command": ["keisei", "run", "recipes/small.toml", "--set", "run.seed=7", "--set", "value.material=0.5"],
    "processor": "Ten GHz",
    "cpu_count": 8,
    "torch_threads": 2,
    "python": "3.11.7",
    "packages": {"torch": "2.0", "pytest": "8.2"},
    "commit": "0123456789ab",
}


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder with its checkpoints of updates 0 to 4."""
    folder = tmp_path_factory.mktemp("small")
    settings = read_settings(None, list(TINY.items()))
    training = Training(settings, Single(torch.device("cpu")))
    store = CheckpointStore(folder / "checkpoints", keep=9)
    for update, minutes in enumerate(CORE_MINUTES):
        training.counters.update, training.counters.plies = update, 64 * update
        training.counters.core_s = 60.0 * minutes
        checkpoint = training.checkpoint()
        assert checkpoint is not None
        store.save(update, checkpoint)
    (folder / "config.toml").write_text(tomli_w.dumps(settings.to_document()))
    (folder / "environment.json").write_text(json.dumps(ENVIRONMENT))
    return folder
