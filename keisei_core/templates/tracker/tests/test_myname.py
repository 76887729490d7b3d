"""What stands in the table."""

from pathlib import Path

from keisei_plugins_myname.options import MynameOptions
from keisei_plugins_myname.tracker import MynameTracker


def test_table_has_a_line_for_each_update(tmp_path: Path) -> None:
    tracker = MynameTracker(tmp_path, MynameOptions(digits=3))
    tracker.start(0)
    tracker.log(1, {"kl": 0.123456, "entropy": 3.0})
    tracker.log(2, {"kl": 0.25})
    tracker.close()

    assert (tmp_path / "metrics.csv").read_text().splitlines() == ["update,kl,entropy", "1,0.123,3", "2,0.25,"]


def test_metric_that_comes_later_adds_a_column(tmp_path: Path) -> None:
    tracker = MynameTracker(tmp_path, MynameOptions())
    tracker.start(0)
    tracker.log(1, {"kl": 0.5})
    tracker.log(2, {"kl": 0.25, "score": 0.75})
    tracker.close()

    assert (tmp_path / "metrics.csv").read_text().splitlines() == ["update,kl,score", "1,0.5,", "2,0.25,0.75"]
