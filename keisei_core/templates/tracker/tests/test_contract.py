"""What Keisei asks of a tracker: each check of the public kit is a test here."""

import csv
from pathlib import Path

from keisei_core.testing import Logged, TrackerContract


def read(run_folder: Path) -> Logged:
    """Reads the table back: pairs of update and metrics."""
    path = run_folder / "metrics.csv"
    rows = csv.DictReader(path.read_text().splitlines()) if path.exists() else []
    return [(int(row.pop("update")), {name: float(text) for name, text in row.items() if text}) for row in rows]


class TestMyname(TrackerContract):
    name = "myname"
    options = {"digits": 17}
    read = staticmethod(read)
