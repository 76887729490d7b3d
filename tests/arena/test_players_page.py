"""The page for authors of players: its package, written out as it stands, keeps the contract and plays."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from keisei_core.testing import PlayerContract

PAGE = Path(__file__).parents[2] / "docs" / "plugins" / "players.md"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for path, source in re.findall(r"```python\n# (\S+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(source, encoding="utf-8")
    card = tmp_path / "src" / "keisei_plugins_smother-0.1.0.dist-info"
    card.mkdir()
    (card / "METADATA").write_text("Metadata-Version: 2.4\nName: keisei-plugins-smother\nVersion: 0.1.0\n")
    (card / "entry_points.txt").write_text("[keisei]\nsmother = keisei_plugins_smother.hooks\n")
    return tmp_path


def run(package: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=package,
        env=os.environ | {"PYTHONPATH": str(package / "src")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_player_of_the_page_keeps_the_contract(package: Path) -> None:
    output = run(package, "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "tests")

    num_checks = len(PlayerContract.checks())
    counted = f"TestSmother: {num_checks} of {num_checks} checks run: {num_checks - 1} passed, 1 not asked (thinking"
    assert counted in output


def test_player_of_the_page_plays(package: Path) -> None:
    settings = ("--games", "2", "--max-plies", "30", "--device", "cpu", "--threads", "1")
    output = run(package, "keisei_core", "match", "smother:random_moves=0.5", "random", *settings)

    assert output.startswith("first    keisei-plugins-smother:smother:random_moves=0.5\n")
