"""The player keeps the contract of players."""

from pathlib import Path

import pytest

from keisei_core.testing import PlayerContract


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
    options = {"simulations": 8, "leaves": 4, "at_once": 5, "moves": 3}
