"""What tsshogi reads, the library of ShogiHome: only where node and the package are, which `make records` installs."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from rsshogi.core import Board

ROOT = Path(__file__).parents[2]
TSSHOGI = Path(os.environ.get("KEISEI_TSSHOGI", ROOT / ".venv-records" / "node_modules" / "tsshogi"))
READER = Path(__file__).parent / "parts" / "read_by_tsshogi.cjs"
NODE = shutil.which("node")
ENDINGS = {
    "mate": "mate",
    "resignation": "resign",
    "illegal_move": "foulLose",
    "silence": "timeout",
    "death": "loseByDefault",
    "declaration": "enteringOfKing",
    "repetition": "repetitionDraw",
    "perpetual_check_by_opponent": "foulLose",
    "perpetual_check_by_mover": "foulWin",
    "max_plies": "interrupt",
    "none": "interrupt",
}
IN_CSA = {
    **ENDINGS,
    "max_plies": "maxMoves",
    "death": "any",  # %ERROR, which it has no name for
    # It reads the sign as the winner's; in CSA it is that of who acted illegally.
    "perpetual_check_by_mover": "foulLose",
}

pytestmark = [
    pytest.mark.skipif(NODE is None, reason="node is not installed"),
    pytest.mark.skipif(not TSSHOGI.is_dir(), reason=f"tsshogi is not at {TSSHOGI}; `make records` installs it"),
]


@pytest.fixture(scope="module")
def read(written):
    folder, games = written
    command = [str(NODE), str(READER), str(TSSHOGI), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return games, json.loads(done.stdout)


@pytest.mark.parametrize("suffix", [".kif", ".kifu", ".csa", ".usi"])
def test_tsshogi_reads_start_moves_ending_and_names(read, found, suffix):
    games, files = read
    for number, (name, record) in enumerate(games):
        got = files[f"{number}{suffix}"]
        assert "error" not in got, (name, got)
        assert got["moves"] == record["moves"], name
        assert normal(got["sfen"]) == normal(record["sfen"]), name
        if suffix != ".usi":
            expected = (IN_CSA if suffix == ".csa" else ENDINGS)[record["ending"]]
            assert (name, got["ending"]) == (name, expected)
            assert got["names"] == [record[side] for side in ("black", "white") if side in record], name
    version = json.loads((TSSHOGI / "package.json").read_text())["version"]
    found(f"tsshogi {version}", suffix, len(games), "")


def normal(sfen: str) -> list[str]:
    return str(Board(sfen).to_sfen()).split()[:3]
