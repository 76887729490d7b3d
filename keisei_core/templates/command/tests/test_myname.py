"""What this command does."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from keisei_core.errors import ConfigError

from keisei_plugins_myname.command import myname_command


def call(folder: Path, *words: str) -> str:
    """Returns what is printed of a run of ten updates."""
    lines = [json.dumps({"update": update, "entropy": float(update)}) for update in range(10)]
    (folder / "metrics.jsonl").write_text("\n".join(lines))
    done = CliRunner().invoke(myname_command, [str(folder), *words])
    if isinstance(done.exception, ConfigError):
        raise done.exception
    return done.output


def test_curve_goes_from_first_to_last(tmp_path: Path) -> None:
    assert call(tmp_path, "--width", "5") == "entropy  0 ▁▃▅▆█ 9  over 10 updates\n"


def test_single_bar_stands_in_the_middle(tmp_path: Path) -> None:
    assert call(tmp_path, "--width", "1") == "entropy  0 ▅ 9  over 10 updates\n"


def test_metric_that_there_is_not_is_told_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no metric 'entrpoy'; there are entropy, update"):
        call(tmp_path, "--metric", "entrpoy")
