"""A run folder as a run leaves it, written by hand: no training, and no network but where a test makes one."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent / "parts"))

from written_run import LOST, RUNG, SELFPLAY, WON, lines, metrics


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Path]:
    """Writes a run folder; what is given takes the place of a file's rows."""

    def write(name: str = "mine", config: str = "", **files: object) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        usual = (
            "[run]\nplies = 256\n[selfplay]\ngames = 8\nrollout_plies = 8\nmax_plies = 40\n[learning]\nminibatch = 32\n"
        )
        (folder / "config.toml").write_text(config or usual)
        rows = {"metrics": [metrics(update) for update in range(1, 5)], "matches": [LOST, WON], "games": [SELFPLAY]}
        for file, content in {**rows, **files}.items():
            if content is not None and file != "result":
                (folder / f"{file}.jsonl").write_text(lines(content))
        result = files.get("result", {**RUNG, "value": None, "rungs": [RUNG]})
        if result is not None:
            (folder / "result.json").write_text(json.dumps(result))
        return folder

    return write
