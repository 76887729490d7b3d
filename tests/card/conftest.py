"""A network in the folder of a run whose files are written here: no training is needed to be told of."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import tomli_w
import torch

from keisei_core.arena import TrainedNetwork
from keisei_core.plugins import read_settings

SECRET = "alice"
MATE = {
    "sfen": "lnsgkgsnl/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL b - 1",
    "moves": ["7g7f", "5a6b", "8h3c+"],
    "ending": "resignation",
    "winner": "black",
}
SCORE = {"games": 40, "wins": 20, "draws": 4, "losses": 12, "truncated": 4, "score": 0.6, "low": 0.45, "high": 0.74}
RESULT = {
    "opponent": "random",
    **SCORE,
    "rungs": [{"opponent": "random", **SCORE}, {"opponent": f"/home/{SECRET}/runs/a", **SCORE}],
}


def row(update: int, **figures: float) -> dict[str, Any]:
    return {"update": update, "plies": 100 * update, "entropy": 3.0 - update / 100, **figures}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run of 40 updates below somebody's home folder, over and told of."""
    folder = tmp_path / SECRET / "mine"
    (folder / "checkpoints").mkdir(parents=True)
    settings = read_settings(None, [("run.seed", 3), ("run.device", "cpu")])
    (folder / "config.toml").write_text(tomli_w.dumps(settings.to_document()))
    rows = [
        row(update, **({"score": 0.5, "score_low": 0.4, "score_high": 0.6} if update % 10 == 0 else {}))
        for update in range(1, 41)
    ]
    (folder / "metrics.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in rows) + '{"update": 4')
    game = {"update": 40, "match": "rung", "first": "black", "black": "mine", "white": f"/home/{SECRET}/runs/a", **MATE}
    (folder / "matches.jsonl").write_text(f"{json.dumps(game)}\n")
    environment = {
        "processor": "Ten GHz",
        "cpu_count": 8,
        "gpu": None,
        "commit": "0123456789ab",
        "command": [f"/home/{SECRET}/keisei"],
        "platform": SECRET,
    }
    (folder / "environment.json").write_text(json.dumps(environment))
    (folder / "result.json").write_text(json.dumps(RESULT))
    return folder


@pytest.fixture
def network(run: Path) -> Callable[..., TrainedNetwork]:
    """Makes the network of one of the run's checkpoints."""

    def make(update: int = 40, path: Path | None = None, **state: Any) -> TrainedNetwork:
        told: Mapping[str, Any] = {
            "config": read_settings(None, [("run.seed", 3), ("run.device", "cpu")]).to_document(),
            "counters": {"update": update, "plies": 100 * update, "games": 7, "elapsed_s": 90.0, "core_s": 150.0},
            "versions": {"torch": "2.13.0", "python": "3.11.2", "threads": 2},
            "plugins": [{"kind": "model", "name": "resnet", "distribution": "keisei", "version": "0.1.0"}],
        }
        where = path or run / "checkpoints" / f"update-{update:06d}"
        return TrainedNetwork(path=where, weights={"one": torch.zeros(3, 4)}, state={**told, **state})

    return make
