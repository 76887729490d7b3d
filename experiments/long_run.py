"""The longer run: strength against plies and CPU-hours, for 90 minutes of one core.

    python experiments/long_run.py [--points 12] [--out docs/results/long_run]

Trains long_run/recipe.toml, keeping checkpoints on the way; then rates some of them on the ladder, and counts the mates
in one they play and the pieces they leave hanging. Writes curve.json, curve.md, curve.png (needs matplotlib) and the
last network. What is done already is not done again: stopped at any time, it goes on where it was.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from command import keisei, match_of, metrics_of, train, where

RECIPE: Final = Path(__file__).parent / "long_run" / "recipe.toml"
OPPONENTS: Final = ("alphabeta:depth=1", "alphabeta:depth=2")
MATCH_GAMES: Final = 200
MATCH_SEED: Final = 1
SCORE: Final = ("score", "score_low", "score_high", "wins", "draws", "losses", "truncated")


def chosen(folder: Path, num_points: int) -> list[Path]:
    """Chooses checkpoints, closer together at the start, where strength grows fastest; the last one always."""
    checkpoints = sorted((folder / "checkpoints").iterdir())[1:]  # the first is of before the first update
    last = len(checkpoints) - 1
    rows = {round(last * (point / (num_points - 1)) ** 1.7) for point in range(num_points)}
    return [checkpoints[row] for row in sorted(rows)]


def measured(work: Path, checkpoint: Path) -> dict[str, Any]:
    """Plays a checkpoint against the anchors that matter and counts its tactics; keeps what was found in a file."""
    kept = work / f"{checkpoint.name}.json"
    if not kept.exists():
        found: dict[str, Any] = {}
        for opponent in OPPONENTS:
            found[opponent] = match_of(str(checkpoint), opponent, MATCH_GAMES, MATCH_SEED)
        report = json.loads(keisei("benchmark", str(checkpoint), "--rounds", "1", "--games", "2", "--json"))
        found["tactics"] = report[0]["tactics"]
        kept.write_text(json.dumps(found), encoding="utf-8")
    result: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
    return result


def points(work: Path, folder: Path, checkpoints: Sequence[Path], store: Path) -> list[dict[str, Any]]:
    """Measures the checkpoints and gathers what is known of each."""
    metrics = {row["update"]: row for row in metrics_of(folder)}
    ladder = json.loads(keisei("ladder", *map(str, checkpoints), "--store", str(store), "--json"))["players"]
    ratings = {row["player"]: row for row in ladder}
    found = []
    for checkpoint in checkpoints:
        row, results = metrics[int(checkpoint.name.rpartition("-")[2])], measured(work, checkpoint)
        counters = {key: row[key] for key in ("update", "plies", "games")}
        rating = {key: ratings[results[OPPONENTS[0]]["first"]][key] for key in ("elo", "elo_low", "elo_high")}
        matches = {name: {key: results[name][key] for key in SCORE} for name in OPPONENTS}
        tactics = {key: results["tactics"][key] for key in ("mate_rate", "mates", "hanging_rate", "moves")}
        found.append({**counters, "hours": row["elapsed_s"] / 3600, **rating, **matches, **tactics})
    return found


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Lists the checkpoints in the order of the run."""
    lines = [
        "| plies | games | CPU-hours | Elo above random | against depth 1 | against depth 2 | mates in one played"
        " | moves that leave 5 hanging |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        scores = " | ".join(
            f"{row[name]['score']:.3f} [{row[name]['score_low']:.2f}, {row[name]['score_high']:.2f}]"
            for name in OPPONENTS
        )
        lines.append(
            f"| {row['plies']:,} | {row['games']:,} | {row['hours']:.2f}"
            f" | {row['elo']:.0f} [{row['elo_low']:.0f}, {row['elo_high']:.0f}] | {scores}"
            f" | {share(row['mate_rate'])} of {row['mates']} | {share(row['hanging_rate'])} of {row['moves']:,} |"
        )
    return "\n".join(lines) + "\n"


def share(rate: float | None) -> str:
    """Writes a share in percent; none where nothing was counted."""
    return "none" if rate is None else f"{100 * rate:.1f} %"


def plot(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Draws Elo, scores, and tactics against plies, with hours on top."""
    import matplotlib.pyplot as plt

    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(14, 4.2))
    plies = [row["plies"] / 1e6 for row in rows]
    left.errorbar(
        plies,
        [row["elo"] for row in rows],
        yerr=[[row["elo"] - row["elo_low"] for row in rows], [row["elo_high"] - row["elo"] for row in rows]],
        marker="o",
    )
    left.set_ylabel("Elo above random play")
    for name in OPPONENTS:
        middle.plot(plies, [row[name]["score"] for row in rows], marker="o", label=f"against {name}")
    middle.set_ylabel("score")
    for key, label in (
        ("mate_rate", "mates in one played"),
        ("hanging_rate", "moves that leave 5 pawns' worth hanging"),
    ):
        right.plot(plies, [row[key] for row in rows], marker="o", label=label)
    right.set_ylabel("share")
    for axis in (middle, right):
        axis.set_ylim(0, 1)
        axis.legend()
    per_hour = rows[-1]["plies"] / 1e6 / rows[-1]["hours"]
    for axis in (left, middle, right):
        axis.set_xlabel("million plies of self-play")
        axis.grid(alpha=0.3)
        hours = axis.secondary_xaxis("top", functions=(lambda value: value / per_hour, lambda value: value * per_hour))
        hours.set_xlabel("CPU-hours")
    figure.tight_layout()
    figure.savefig(path, dpi=90)


def main() -> None:
    """Does whatever is not done yet and writes the results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=12, help="checkpoints that are rated, at least 2 (12)")
    parser.add_argument("--work", type=Path, default=Path("runs/long_run"), help="folder of the run (runs/long_run)")
    parser.add_argument("--out", type=Path, default=Path("docs/results/long_run"), help="folder of the results")
    parser.add_argument("--store", type=Path, default=Path("docs/results/ladder.jsonl"), help="store of the ladder")
    arguments = parser.parse_args()
    folder, here = arguments.work / "run", where()
    for made in (arguments.out, arguments.work):
        made.mkdir(parents=True, exist_ok=True)
    train(RECIPE, folder, {})
    rows = points(arguments.work, folder, chosen(folder, arguments.points), arguments.store)
    result = {
        "points": rows,
        "config": (folder / "config.toml").read_text(encoding="utf-8"),
        "games_of_a_match": MATCH_GAMES,
        "seed_of_matches": MATCH_SEED,
        **here,
        "player": "greedy, does not walk into repetition, no rule at play",
    }
    (arguments.out / "curve.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    (arguments.out / "curve.md").write_text(table(rows), encoding="utf-8")
    plot(rows, arguments.out / "curve.png")
    if not (arguments.out / "network").exists():
        keisei("export", str(folder), str(arguments.out / "network"))


if __name__ == "__main__":
    main()
