import json
import sqlite3
from contextlib import closing
from pathlib import Path

from keisei_core.run.metrics import group_of
from keisei_core.testing import Logged, TrackerContract

NAMES = ("loss", "plies_per_s", "score/against random", "kl")


class TestTrackio(TrackerContract):
    name = "trackio"

    @staticmethod
    def read(run_folder: Path) -> Logged:
        with closing(sqlite3.connect(run_folder / "trackio" / "keisei.db")) as database:
            rows = [(step, json.loads(told)) for step, told in database.execute("SELECT step, metrics FROM metrics")]
        return [(step, {name: told[f"{group_of(name)}/{name}"] for name in NAMES}) for step, told in rows]
