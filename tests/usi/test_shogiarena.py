"""ShogiArena plays a tournament with our engine, as a user would have it: nothing goes wrong there."""

import json
import os
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

NUM_GAMES = 2
MAX_PLIES = 16
TOURNAMENT: dict[str, Any] = {
    "experiment_name": "keisei",
    "engines": [{"engine_path": "keisei.yaml", "name": name} for name in ("Keisei", "Again")],
    "tournament": {"scheduler": "round_robin", "games_per_pair": NUM_GAMES, "num_parallel": 1, "seed": 1},
    "rules": {
        "time_control": {"time_ms": 600_000, "increment_ms": 10_000, "node_limit": 4},
        "initial_positions": {"type": "file", "source": "openings.sfen", "flip_policy": "pair_both"},
        # Both engines have to offer an option for it.
        "adjudication": {"enable_max_plies": True, "max_plies": MAX_PLIES, "sync_max_plies_with_engine": True},
    },
    "dashboard": {"enabled": False},
    "logging": {"usi_transcript": True},
}


@pytest.fixture(scope="module")
def arena(programs: Path, engine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the folder of a tournament that was played to its end."""
    folder = tmp_path_factory.mktemp("arena")
    ours = {"engine_path": str(engine), "handshake_timeout": 600, "options": {"Threads": 1, "MultiPV": 1}}
    # Whatever is JSON is YAML.
    (folder / "keisei.yaml").write_text(json.dumps(ours, ensure_ascii=False), encoding="utf-8")
    (folder / "tournament.yaml").write_text(json.dumps(TOURNAMENT), encoding="utf-8")
    (folder / "openings.sfen").write_text("startpos moves 7g7f 3c3d 2g2f 8c8d\n", encoding="utf-8")
    command = [str(programs / "shogiarena"), "run", "tournament", "tournament.yaml", "--run-dir", str(folder / "run")]
    environment = os.environ | {"XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder), "HOME": str(folder)}
    subprocess.run(command, cwd=folder, env=environment, check=True, timeout=1200)
    return folder / "run"


def test_tournament_ends_clean(arena: Path) -> None:
    status = json.loads((arena / "completion_status.json").read_text(encoding="utf-8"))

    assert status["status"] == "clean"
    assert (status["scheduled"], status["completed"]) == (NUM_GAMES, NUM_GAMES)
    assert (status["error_games"], status["cancelled"], status["timeouts_by_origin"]) == (0, 0, {})


def test_every_move_was_recorded(arena: Path) -> None:
    with sqlite3.connect(arena / "game.db") as base:
        (num_games,) = base.execute("select count(*) from game").fetchone()
    base.close()

    assert num_games == NUM_GAMES


def test_engine_said_nothing_that_was_not_asked(arena: Path) -> None:
    lines = [line for path in sorted((arena / "transcripts").glob("*.log")) for line in path.read_text().splitlines()]
    said = [
        line.split()[3] for line in lines if line[:1].isdigit() and line.split()[1:2] == ["in"] and line.split()[3:]
    ]
    asked = [line.split()[3] for line in lines if line[:1].isdigit() and line.split()[1:2] == ["out"]]

    assert set(said) <= {"id", "option", "usiok", "readyok", "info", "bestmove"}
    assert said.count("bestmove") == asked.count("go") > NUM_GAMES * MAX_PLIES / 2
