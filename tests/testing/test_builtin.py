"""The core's own components keep the contracts that it asks of everybody."""

import json
from pathlib import Path

from keisei_core.testing import Logged, PlayerContract, PrecisionContract, TrackerContract


class TestFp32(PrecisionContract):
    name = "fp32"
    tolerance = 0.0


class TestRandomPlayer(PlayerContract):
    name = "random"


class TestJsonlTracker(TrackerContract):
    name = "jsonl"

    @staticmethod
    def read(run_folder: Path) -> Logged:
        records = [json.loads(line) for line in (run_folder / "metrics.jsonl").read_text().splitlines()]
        return [(record.pop("update"), record) for record in records]
