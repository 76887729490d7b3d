"""What migrations cost a trained player: matches against its original, at once and after more training.

    python benchmarks/migration.py [CONFIG] [--plies 200000] [--more 100000] [--games 400] [--json]

Trains a player, migrates it every way, plays each against the original, trains each on, and plays again. `same` is the
original trained on without a migration, `fresh` a new network of the largest size that gets only the later training.
"""

import argparse
import contextlib
import json
import os
import platform
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import attrs
import torch

from keisei_core.arena import NetworkPlayer, Score, play_match
from keisei_core.arena.trained_network import find_network
from keisei_core.migration import Fidelity
from keisei_core.plugins import Settings, load_registry, read_settings
from keisei_core.run import resume, train
from keisei_core.succession.heir import Heir

PLANES, WIDER, DEEPER = {"input.features": "core46+all"}, {"model.tower_width": 64}, {"model.tower_depth": 5}
APART = {"model.tower_width": 48, "model.norm_widths": [32, 16]}
WAYS: dict[str, dict[str, Any]] = {
    "same": {},
    "planes": PLANES,
    "fewer planes": {"input.features": "core46"},
    "wider, copies": WIDER,
    "wider, apart": APART,
    "deeper": DEEPER,
    "everything": PLANES | WIDER | DEEPER,
}


def match(first: Path, second: Path, num_games: int) -> Score:
    """Plays the newest network of one run against that of another."""
    registry = load_registry()
    players = [
        NetworkPlayer(find_network(run).evaluator(registry, torch.device("cpu")), temperature=0.5, seed=seed)
        for seed, run in enumerate((first, second))
    ]
    return play_match(*players, num_games=num_games, max_plies=400, opening_plies=6, seed=0)


def try_way(folder: Path, old: Path, settings: Settings, num_games: int) -> dict[str, Any]:
    """Migrates, plays, trains on, plays again."""
    started = perf_counter()
    heir = Heir(settings, old, [])
    fidelity: Fidelity = heir.fidelity()
    new = heir.write(folder, {})
    migrated_s = perf_counter() - started
    at_once = match(new, old, num_games)
    with contextlib.redirect_stdout(sys.stderr):
        resume(new)
    return {
        "migrated_s": migrated_s,
        "fidelity": attrs.asdict(fidelity),
        "at_once": told(at_once),
        "later": told(match(new, old, num_games)),
    }


def told(score: Score) -> dict[str, float]:
    """Returns a score with its interval."""
    return {"score": score.score, "low": score.low, "high": score.high, "games": score.games}


def measure(config: Path, plies: int, more: int, num_games: int) -> dict[str, Any]:
    """Runs it all in a folder of its own."""
    fixed = {"run.minutes": 0.0, "run.threads": 1, "evaluation.every_updates": 0, "evaluation.final_games": 2}
    base = [*fixed.items(), ("model.tower_width", 32), ("input.features", "core46+check+last2ply")]
    ways: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        old = Path(name) / "old"
        with contextlib.redirect_stdout(sys.stderr):
            train(read_settings(config, [*base, ("run.plies", plies)]), old)
            largest = [*base, *WAYS["everything"].items(), ("run.plies", more)]
            train(read_settings(config, largest), Path(name) / "fresh")
        ways["fresh"] = {"later": told(match(Path(name) / "fresh", old, num_games))}
        for way, changes in WAYS.items():
            settings = read_settings(config, [*base, *changes.items(), ("run.plies", plies + more)])
            ways[way] = try_way(Path(name) / way.replace(" ", "-"), old, settings, num_games)
    machine = {"platform": platform.platform(), "cpu_count": os.cpu_count(), "torch": torch.__version__}
    return {"plies": plies, "more": more, "games": num_games, "ways": ways, "machine": machine}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("config", nargs="?", type=Path, default=Path("keisei.toml"))
    parser.add_argument("--plies", type=int, default=200_000)
    parser.add_argument("--more", type=int, default=100_000)
    parser.add_argument("--games", type=int, default=400)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    found = measure(arguments.config, arguments.plies, arguments.more, arguments.games)
    if arguments.json:
        print(json.dumps(found, indent=2))
        return
    print(f"{'':<14} {'logits':>9}  {'at once':<20} {'after ' + format(found['more'], ','):<20}")
    for way, result in found["ways"].items():
        logits = format(result["fidelity"]["logits"], ".1e") if "fidelity" in result else ""
        scores = [result.get(key) for key in ("at_once", "later")]
        cells = [f"{one['score']:.3f} [{one['low']:.3f}, {one['high']:.3f}]" if one else "" for one in scores]
        print(f"{way:<14} {logits:>9}  {cells[0]:<22} {cells[1]:<22}")


if __name__ == "__main__":
    main()
