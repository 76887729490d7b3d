"""The bundled teachers keep the contract of teachers."""

from pathlib import Path

import pytest

from keisei_core.testing import TeacherContract


class TestTactics(TeacherContract):
    name = "tactics"


class TestTacticsWithMatesBeside(TeacherContract):
    name = "tactics"
    options = {"side_mates": 0.25, "margin": 1}


class TestDistill(TeacherContract):
    name = "distill"

    @pytest.fixture(autouse=True, scope="class")
    @classmethod
    def of_a_network(cls, network: Path) -> None:
        cls.options = {**(cls.options or {}), "network": str(network)}
        cls.prepared = cls.under_test()

    @classmethod
    def setup_class(cls) -> None:
        """Waits for the network."""


class TestDistillOfThePolicyAlone(TestDistill):
    options = {"value_weight": 0.0, "moves": 4, "temperature": 0.5}
