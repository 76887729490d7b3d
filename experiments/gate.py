"""The gate: does the new network, trained on as many games as the old one, beat it?

    python experiments/gate.py [--games 5000] [--tuning-games 500] [--match-games 400] [--out docs/results/gate]

Trains both networks by the recipe of gate/recipe.toml: at each learning rate for the tuning games, then, at the rate
whose network scored best against a fixed opponent, from nothing for all games. Then the two play, each random opening
with both colours. What is trained already is not trained again: stopped at any time, it goes on where it was.
"""

import argparse
import json
import shutil
import tomllib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from command import beside, keisei, match_of, metrics_of, train, where

RECIPE: Final = Path(__file__).parent / "gate" / "recipe.toml"
MODELS: Final[Mapping[str, Mapping[str, Any]]] = {
    "old": {"name": "baseline"},
    "new": {"name": "resnet", "tower_depth": 4, "tower_width": 64},
}
LEARNING_RATES: Final = (1e-3, 5e-4, 2e-3)
LOWEST_RATE: Final = 1.25e-4
HIGHEST_RATE: Final = 1.6e-2
FINAL_SHARE: Final = 0.3
"""Last learning rate over the first one."""
TUNING_OPPONENT: Final[Mapping[str, str]] = {
    "old": "alphabeta:depth=1,random_moves=0.7",
    "new": "alphabeta:depth=1",
}
"""Of each network one that it neither always beats nor never after the tuning games."""
TUNING_MATCH: Final = 400
SEEDS: Final = {"training": 0, "tuning_match": 2, "match": 1}
LEAST_SCORE: Final = 0.60
LEAST_LOW: Final = 0.55
"""What the new network has to score, and where the lower end of the 95 % interval has to lie."""


def train_at(work: Path, model: str, rate: float, games: int) -> Path:
    """Trains a network at a learning rate until it has played its games; returns the run's folder."""
    folder = work / f"{model}-{games}-games-{rate:g}"
    rates = {"optimizer.learning_rate": rate, "optimizer.final_learning_rate": FINAL_SHARE * rate}
    options = {f"model.{key}": value for key, value in MODELS[model].items()}
    train(RECIPE, folder, {**options, **rates, "run.games": games, "run.seed": SEEDS["training"]})
    return folder


def tuned(work: Path, model: str, games: int) -> dict[float, dict[str, Any]]:
    """Returns what each learning rate's network scores against the fixed opponent.

    Goes beyond the highest, or below the lowest rate, while that is the best one.
    """
    matches: dict[float, dict[str, Any]] = {}
    rates = list(LEARNING_RATES)
    for rate in rates:
        folder = train_at(work, model, rate, games)
        kept = beside(folder, "match.json")
        if not kept.exists():
            match = match_of(str(folder), TUNING_OPPONENT[model], TUNING_MATCH, SEEDS["tuning_match"])
            kept.write_text(json.dumps(match), encoding="utf-8")
        matches[rate] = json.loads(kept.read_text(encoding="utf-8"))
        print(f"{model}: learning rate {rate:g} scores {matches[rate]['score']:.3f} after {games} games", flush=True)
        if len(matches) == len(rates) and LOWEST_RATE < (best := best_of(matches)) < HIGHEST_RATE:
            rates += [2 * best] if best == max(rates) else [best / 2] if best == min(rates) else []
    return matches


def best_of(matches: Mapping[float, Mapping[str, Any]]) -> float:
    """Returns the learning rate whose network scored best."""
    return max(matches, key=lambda rate: matches[rate]["score"])


def trained(work: Path, model: str, arguments: argparse.Namespace) -> dict[str, Any]:
    """Tunes and trains a network and keeps it in the folder of results; returns how."""
    matches = tuned(work, model, arguments.tuning_games)
    folder = train_at(work, model, best_of(matches), arguments.games)
    kept = arguments.out / model
    if kept.exists():
        shutil.rmtree(kept)
    keisei("export", str(folder), str(kept))
    last = metrics_of(folder)[-1]
    return {
        "tuning": {
            "opponent": TUNING_OPPONENT[model],
            "matches": {f"{rate:g}": counts(matches[rate]) for rate in matches},
        },
        "learning_rate": best_of(matches),
        "trained": {key: last[key] for key in ("update", "plies", "games", "elapsed_s")},
        "config": tomllib.loads((folder / "config.toml").read_text(encoding="utf-8")),
    }


def counts(match: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a match's games, its score and the interval."""
    names = ("games", "wins", "draws", "losses", "truncated", "score", "score_low", "score_high")
    return {name: match[name] for name in names}


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
    here = where()
    arguments.out.mkdir(parents=True, exist_ok=True)
    networks = {model: trained(arguments.work, model, arguments) for model in MODELS}
    new, old = str(arguments.out / "new"), str(arguments.out / "old")
    games = ("--games-to", str(arguments.work / "games.jsonl"), "--overwrite")
    match = match_of(new, old, arguments.match_games, SEEDS["match"], *games)
    ladder = json.loads(keisei("ladder", new, old, "--store", str(arguments.store), "--json"))
    result = {
        **{name: match[name] for name in ("games", "wins", "draws", "losses", "truncated", "score")},
        "ci_low": match["score_low"],
        "ci_high": match["score_high"],
        "interval": "95 %, of this match between these two networks; training has one seed each",
        "truncated_games_count_as": match["truncated_games_count_as"],
        "seeds": SEEDS,
        "configs": {model: network.pop("config") for model, network in networks.items()},
        **here,
        "date": date.today().isoformat(),
        "match": match,
        "ladder": ladder,
        "networks": networks,
    }
    (arguments.out / "result.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    verdict = "passed" if result["score"] >= LEAST_SCORE and result["ci_low"] > LEAST_LOW else "NOT passed"
    print(f"score {result['score']:.3f} [{result['ci_low']:.3f}, {result['ci_high']:.3f}]: gate {verdict}")


if __name__ == "__main__":
    main()
