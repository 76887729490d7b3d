"""The page about starts: its example is run from, its config and its book are read."""

import os
import re
import subprocess
import sys
from pathlib import Path

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.plugins import read_settings
from keisei_core.shogi import configured_starts

TEXT = (Path(__file__).parents[2] / "docs" / "plugins" / "starts.md").read_text(encoding="utf-8")


def run(folder: Path, *words: str) -> str:
    for name, source in re.findall(r"```(?:python|toml)\n# (\S+\.\w+)\n(.*?)```", TEXT, re.DOTALL):
        (folder / name).write_text(source, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=folder, env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_start_of_the_page_is_run_from(tmp_path: Path) -> None:
    run(tmp_path, "keisei_core", "run", "keisei.toml", "--plugin", "./sparse.py", "--run-dir", "run")

    assert "sparse" in (tmp_path / "run" / "announcement.txt").read_text(encoding="utf-8")
    assert (tmp_path / "run" / "result.json").exists()


def test_config_of_the_page_starts_from_the_book_of_the_page(tmp_path: Path) -> None:
    (book,) = re.findall(r"```\n(# the position at the end.*?)```", TEXT, re.DOTALL)
    (tmp_path / "openings.txt").write_text(book, encoding="utf-8")
    (config,) = re.findall(r"```toml\n(\[selfplay\]\nstarts = .*?)```", TEXT, re.DOTALL)
    (tmp_path / "keisei.toml").write_text(config.replace("openings.txt", str(tmp_path / "openings.txt")))

    settings = read_settings(tmp_path / "keisei.toml")
    starts = configured_starts(settings.starts, settings.selfplay).draw()

    assert len(settings.starts) == 5
    assert len(starts.positions) == 5 * 2 * 103


def test_page_names_every_position_that_has_a_name() -> None:
    assert [name for name in NAMED_STARTS if f"`{name}`" not in TEXT] == []
