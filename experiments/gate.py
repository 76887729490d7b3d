"""The gate: does the new network, trained on as many games as the old one, beat it?

    python experiments/gate.py [--games 5000] [--tuning-games 500] [--match-games 400] [--out docs/results/gate]

Trains both networks by the recipe of gate/recipe.toml: at each learning rate for the tuning games, then, at the rate
whose network scored best against a fixed opponent, from nothing for all games. Then the two play, each random opening
with both colours. What is done already is not done again: stopped at any time, it goes on where it was.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
KEISEI: Final = (sys.executable, "-m", "keisei_core")
MODELS: Final[dict[str, dict[str, Any]]] = {
    "old": {"name": "baseline"},
    "new": {"name": "resnet", "tower_depth": 4, "tower_width": 64},
}
LEARNING_RATES: Final = (5e-4, 1e-3, 2e-3)
HIGHEST_RATE: Final = 1.6e-2
FINAL_SHARE: Final = 0.3
"""Last learning rate over the first one."""
TUNING_OPPONENT: Final = "alphabeta:depth=1,random_moves=0.7"
TUNING_MATCH: Final = 200
PLAYER: Final = "temperature=0,avoid_repetition=true"
MATCH_SEED: Final = 1
LEAST_SCORE: Final = 0.60
LEAST_LOW: Final = 0.55
"""What the new network has to score, and where the lower end of the 95 % interval has to lie."""


def keisei(*arguments: str, log: Path | None = None) -> str:
    """Runs a command of Keisei and returns what it printed; its messages go to the log, or through.

    Raises:
        SystemExit: it failed or was stopped, with its exit code.
    """
    with open(os.devnull if log is None else log, "a", encoding="utf-8") as messages:
        done = subprocess.run(
            [*KEISEI, *arguments], stdout=subprocess.PIPE, stderr=messages if log else None, text=True, check=False
        )
    if done.returncode:
        print(f"keisei {' '.join(arguments)} ended with {done.returncode}; see {log}", file=sys.stderr)
        raise SystemExit(done.returncode)
    return done.stdout


def beside(folder: Path, ending: str) -> Path:
    """Returns the path of a file beside a folder, whose name may have dots."""
    return folder.parent / f"{folder.name}.{ending}"


def train(folder: Path, model: str, rate: float, games: int) -> None:
    """Trains a network, or goes on with its run, until it has played its games."""
    if (folder / "result.json").exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    log = beside(folder, "log")
    if (folder / "config.toml").exists():
        keisei("resume", str(folder), log=log)
        return
    options = {f"model.{key}": value for key, value in MODELS[model].items()}
    changes = {
        **options, "run.games": games, "ppo.learning_rate": rate, "ppo.final_learning_rate": FINAL_SHARE * rate,
    }  # fmt: skip
    sets = [part for key, value in changes.items() for part in ("--set", f"{key}={value}")]
    keisei("run", str(HERE / "gate" / "recipe.toml"), "--run-dir", str(folder), *sets, log=log)


def play(one: str, other: str, games: int, path: Path, *arguments: str) -> dict[str, Any]:
    """Plays a match and keeps its result in a file."""
    if not path.exists():
        command = ("match", one, other, "--games", str(games), "--seed", str(MATCH_SEED), "--json", *arguments)
        path.write_text(keisei(*command), encoding="utf-8")
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result


def tune(work: Path, model: str, games: int) -> dict[float, float]:
    """Returns what each learning rate's network scores against the fixed opponent.

    Doubles the highest rate until it is not the best one.
    """
    scores: dict[float, float] = {}
    rates = list(LEARNING_RATES)
    for rate in rates:
        folder = work / f"{model}-tuning-{rate:g}"
        train(folder, model, rate, games)
        result = play(f"{folder}:{PLAYER}", TUNING_OPPONENT, TUNING_MATCH, beside(folder, "match.json"))
        scores[rate] = result["score"]
        print(f"{model}: learning rate {rate:g} scores {scores[rate]:.3f} after {games} games", flush=True)
        if rate == rates[-1] < HIGHEST_RATE and scores[rate] == max(scores.values()):
            rates.append(2 * rate)
    return scores


def trained(work: Path, model: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Tunes and trains a network; returns how."""
    scores = tune(work, model, arguments.tuning_games)
    rate = max(scores, key=scores.__getitem__)
    folder = work / model
    train(folder, model, rate, arguments.games)
    counters = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    config = tomllib.loads((folder / "config.toml").read_text(encoding="utf-8"))
    if not (arguments.out / model).exists():
        keisei("export", str(folder), str(arguments.out / model))
    return {
        "tuning": {f"{rate:g}": score for rate, score in scores.items()},
        "learning_rate": rate,
        "run": counters,
        "config": config,
    }


def commit() -> str:
    """Returns the commit of this checkout, with a mark where it was changed since; empty outside of one."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"], cwd=HERE, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def main() -> None:
    """Does whatever is not done yet and writes the result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--games", type=int, default=5000, help="self-play games of each network (5000)")
    parser.add_argument("--tuning-games", type=int, default=500, help="games at each learning rate (500)")
    parser.add_argument("--match-games", type=int, default=400, help="games of the last match (400)")
    parser.add_argument("--work", type=Path, default=Path("runs/gate"), help="folder of the runs (runs/gate)")
    parser.add_argument("--out", type=Path, default=Path("docs/results/gate"), help="folder of the result")
    parser.add_argument("--store", type=Path, default=Path("docs/results/ladder.jsonl"), help="store of the ladder")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    networks = {model: trained(arguments.work, model, arguments) for model in MODELS}
    new, old = (f"{arguments.out / model}:{PLAYER}" for model in ("new", "old"))
    games = ("--games-to", str(arguments.work / "games.jsonl"))
    table = play(new, old, arguments.match_games, arguments.work / "match.json", *games)
    ladder = keisei("ladder", new, old, "--store", str(arguments.store), "--json")
    result = {
        **{key: table[key] for key in ("games", "wins", "draws", "losses", "truncated", "score")},
        "ci_low": table["score_low"],
        "ci_high": table["score_high"],
        "truncated_games_count_as": table["truncated_games_count_as"],
        "match": table,
        "ladder": json.loads(ladder),
        "networks": networks,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "commit": commit(),
        "date": date.today().isoformat(),
    }
    (arguments.out / "result.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    verdict = "passed" if result["score"] >= LEAST_SCORE and result["ci_low"] > LEAST_LOW else "NOT passed"
    print(f"score {result['score']:.3f} [{result['ci_low']:.3f}, {result['ci_high']:.3f}]: gate {verdict}")


if __name__ == "__main__":
    main()
