"""The command does what Keisei asks of every command."""

import pytest

from keisei_core.testing import CommandContract


class TestReport(CommandContract):
    name = "report"
    works = ("mine", "--no-network")
    refuses = ("nowhere",)

    @pytest.fixture(autouse=True)
    def written(self, run, monkeypatch):
        monkeypatch.chdir(run().parent)
