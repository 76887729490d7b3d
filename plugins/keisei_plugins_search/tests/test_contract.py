"""The player keeps the contract of players."""

from pathlib import Path

import pytest
import torch

from keisei_core.checkpoint import write_checkpoint
from keisei_core.distribution import Single
from keisei_core.plugins import read_settings
from keisei_core.run import Training
from keisei_core.testing import PlayerContract

TINY = [("model.name", "baseline"), ("input.features", "core46"), ("run.device", "cpu"), ("run.threads", 1)]


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a network that nobody trained."""
    folder = tmp_path_factory.mktemp("untrained") / "update-000000"
    checkpoint = Training(read_settings(None, TINY), Single(torch.device("cpu"))).checkpoint()
    assert checkpoint is not None
    write_checkpoint(folder, checkpoint)
    return folder


class TestSearch(PlayerContract):
    name = "search"
    options = {"simulations": 6}

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def of_a_network(cls, network: Path) -> None:
        cls.options = {**(cls.options or {}), "network": str(network)}
        cls.prepared = cls.under_test()

    @classmethod
    def setup_class(cls) -> None:
        """Waits for the network."""


class TestSearchOfFewGamesAtOnceWithManyLeaves(TestSearch):
    options = {"simulations": 12, "leaves": 4, "at_once": 5, "moves": 3}
