"""A network that nobody trained, for what is taught by one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import torch

from keisei_core.checkpoint import write_checkpoint
from keisei_core.distribution import Single
from keisei_core.plugins import read_settings
from keisei_core.run import Training

ON_OTHER_PLANES = [("model.name", "baseline"), ("input.features", "core46+check"), ("run.device", "cpu")]


@contextmanager
def untrained_network() -> Iterator[Path]:
    """Writes the checkpoint of a baseline, and removes it afterwards."""
    with TemporaryDirectory() as place:
        folder = Path(place) / "update-000000"
        checkpoint = Training(read_settings(None, ON_OTHER_PLANES), Single(torch.device("cpu"))).checkpoint()
        assert checkpoint is not None
        write_checkpoint(folder, checkpoint)
        yield folder


@pytest.fixture(scope="session")
def network() -> Iterator[Path]:
    """The checkpoint of a baseline on planes of its own."""
    with untrained_network() as folder:
        yield folder
