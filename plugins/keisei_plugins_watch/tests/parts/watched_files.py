"""The files of a run as it writes them, by hand: no training."""

import json
from pathlib import Path

START = "lnsgkgsnl/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL b - 1"
CONFIG = """[run]
plies = 256
[selfplay]
games = 8
rollout_plies = 8
max_plies = 40
[learning]
minibatch = 32
[evaluation]
opponent = "keisei:random"
"""
HEALTHY = {
    "plies_per_s": 100.0, "games_per_s": 1.0, "act_s": 1.0, "environment_s": 0.5, "learn_s": 2.0, "kl": 0.01,
    "explained_variance": 0.5, "relative_entropy": 0.8, "decisive_rate": 0.9, "truncation_rate": 0.1,
    "advantage_std": 0.2, "mean_game_plies": 100.0, "repetition_rate": 0.0,
}  # fmt: skip
RESULT = {
    "opponent": "random", "wins": 3, "draws": 0, "losses": 1, "truncated": 0, "games": 4, "score": 0.75, "low": 0.3,
    "high": 0.95, "pairs": [0, 0, 1, 0, 1], "decided": 0.75, "value": None, "rungs": [],
}  # fmt: skip
FIRST = ["7g7f", "3c3d", "2g2f", "8c8d", "2f2e", "8d8e"]
SECOND = ["2g2f", "8c8d", "2f2e"]


def metrics(update: int, **changes: float | None) -> dict[str, float | None]:
    return {"update": update, "plies": 64 * update, "games": update, "elapsed_s": 30.0 * update, **HEALTHY, **changes}


def selfplay(update: int, moves: list[str]) -> dict[str, object]:
    return {"update": update, "sfen": START, "moves": moves, "ending": "max_plies", "winner": ""}


def append(path: Path, *rows: object, end: str = "\n") -> None:
    """Appends rows as lines; another end leaves the last one torn."""
    with path.open("a") as file:
        file.write("\n".join(map(json.dumps, rows)) + end)


def begin(run: Path) -> Path:
    """Makes a run that has begun and made two updates."""
    run.mkdir(parents=True, exist_ok=True)
    (run / "config.toml").write_text(CONFIG)
    append(run / "metrics.jsonl", metrics(1), metrics(2, score=0.5, score_low=0.2, score_high=0.8))
    append(run / "games.jsonl", selfplay(2, FIRST))
    return run
