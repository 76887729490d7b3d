"""The page about algorithms: REINFORCE is short, and trains as it stands there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

PAGES = Path(__file__).parents[2] / "docs" / "plugins"
FILES = re.compile(r"```(?:python|toml)\n(# (\S+\.\w+)\n.*?)```", re.DOTALL)
MOST_LINES = 80


def examples(page: str, folder: Path) -> dict[str, str]:
    """Writes the files of a page into a folder, and returns them by name."""
    found = {name: source for source, name in FILES.findall((PAGES / page).read_text(encoding="utf-8"))}
    for name, source in found.items():
        (folder / name).write_text(source, encoding="utf-8")
    return found


def run(folder: Path, *words: str) -> str:
    """Runs a module of Python in a folder, and returns all that it says."""
    environment = os.environ | {"PYTHONPATH": str(folder)}
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_reinforce_is_a_whole_plugin_in_fewer_than_80_lines(tmp_path: Path) -> None:
    source = examples("algorithms.md", tmp_path)["reinforce.py"]

    assert len(source.splitlines()) < MOST_LINES
    assert max(map(len, source.splitlines())) <= 120


def test_reinforce_of_the_page_trains_a_run(tmp_path: Path) -> None:
    examples("algorithms.md", tmp_path)

    told = run(
        tmp_path, "keisei_core", "run", "keisei.toml", "--plugin", "./reinforce.py", "--run-dir", "run", "--verbose"
    )

    assert re.search(r"^  algorithm +reinforce +reinforce\.py ", told, re.MULTILINE)
    updates = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert [update["gradient_steps"] for update in updates] == [4, 4]
    assert all(update["skipped_steps"] == 0 and update["entropy"] > 0 for update in updates)
    assert "kl" not in updates[0]
