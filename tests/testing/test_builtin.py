"""The core's own components keep the contracts that it asks of everybody."""

import json
import tempfile
from pathlib import Path

import torch

from keisei_core.checkpoint import write_checkpoint
from keisei_core.distribution import Single
from keisei_core.plugins import load_registry, read_settings
from keisei_core.run.training import Training
from keisei_core.testing import (
    DeciderContract,
    DistributionContract,
    Logged,
    OptimizerContract,
    PlayerContract,
    PrecisionContract,
    TrackerContract,
)

ROOT = Path(__file__).parents[2]
TINY = [("model.tower_depth", 1), ("model.tower_width", 8), ("run.device", "cpu")]


class TestPolicyDecider(DeciderContract):
    name = "policy"


class TestFp32(PrecisionContract):
    name = "fp32"
    tolerance = 0.0


class TestAdam(OptimizerContract):
    name = "adam"


class TestFusedAdamWithAConstantRate(OptimizerContract):
    name = "adam"
    options = {"learning_rate": 3e-3, "final_learning_rate": 3e-3, "fused": True}


class TestRandomPlayer(PlayerContract):
    name = "random"


class TestCheckpointPlayer(PlayerContract):
    name = "checkpoint"

    @classmethod
    def setup_class(cls) -> None:
        cls.place = tempfile.TemporaryDirectory()
        folder = Path(cls.place.name) / "update-000000"
        checkpoint = Training(read_settings(None, TINY), Single(torch.device("cpu"))).checkpoint()
        assert checkpoint is not None
        write_checkpoint(folder, checkpoint)
        cls.options = {"path": str(folder), "temperature": 1.0}
        super().setup_class()

    @classmethod
    def teardown_class(cls) -> None:
        cls.place.cleanup()
        super().teardown_class()


class TestSingle(DistributionContract):
    name = "single"


class TestJsonlTracker(TrackerContract):
    name = "jsonl"

    @staticmethod
    def read(run_folder: Path) -> Logged:
        records = [json.loads(line) for line in (run_folder / "metrics.jsonl").read_text().splitlines()]
        return [(record.pop("update"), record) for record in records]


def test_every_bundled_component_is_held_to_its_contract() -> None:
    folders = [ROOT / "tests" / "testing", *ROOT.glob("keisei_plugins_*/tests"), *ROOT.glob("plugins/*/tests")]
    suites = "\n".join(path.read_text() for folder in folders for path in folder.glob("test_*.py"))
    bundled = [plugin for plugin in load_registry().plugins if plugin.location.startswith(str(ROOT))]
    named = [component.name for plugin in bundled for _, component in plugin.components]

    assert len(named) > 15
    assert [name for name in named if f'name = "{name}"' not in suites] == []
