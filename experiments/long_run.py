"""The longer run: strength against plies and CPU-hours, for 90 minutes of one core.

    python experiments/long_run.py [--points 12] [--out docs/results/long_run] [--draw]

Trains long_run/recipe.toml, keeping checkpoints on the way; then rates some of them on the ladder, and counts the mates
in one they play and the pieces they leave hanging. Writes curve.json, curve.md, curve.svg and the last network. What is
done already is not done again: stopped at any time, it goes on where it was. --draw only draws what curve.json has.
"""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from chart import Axis, Box, Point, Series, document, panel
from command import keisei, match_of, metrics_of, train, where

RECIPE: Final = Path(__file__).parent / "long_run" / "recipe.toml"
OPPONENTS: Final = ("alphabeta:depth=1", "alphabeta:depth=2")
MATCH_GAMES: Final = 200
MATCH_SEED: Final = 1
SCORE: Final = ("score", "score_low", "score_high", "wins", "draws", "losses", "truncated")
ELO: Final = tuple((value, f"{value:,}") for value in range(1600, 2801, 400))
SHARES: Final = ((0.0, "0"), (0.25, ".25"), (0.5, ".50"), (0.75, ".75"), (1.0, "1"))
TACTICS: Final = {"mate_rate": "mates in one played", "hanging_rate": "moves leaving 5 hanging"}
"""What the chart calls them."""
TITLE: Final = "90 minutes of one core"


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


def chart(rows: Sequence[dict[str, Any]]) -> str:
    """Draws Elo, scores and tactics against plies, one below the other."""
    first, last = rows[0], rows[-1]
    marks = [(value, str(value)) for value in range(int(last["plies"] / 1e6) + 1)]
    plies = Axis(f"million plies of self-play; {last['hours']:.1f} hours of one core at the right end", marks)
    depths = [
        line_of(name.replace(":depth=", ", depth "), rows, [row[name] for row in rows], "score") for name in OPPONENTS
    ]
    panels = (
        (Axis("Elo above random play, 95 % intervals", ELO), [line_of("network", rows, rows, "elo")]),
        (Axis(f"score in {MATCH_GAMES} games, 95 % intervals", SHARES), depths),
        (Axis("share", SHARES), [line_of(name, rows, rows, key) for key, name in TACTICS.items()]),
    )
    parts: list[str] = []
    for number, (axis, lines) in enumerate(panels):
        parts += panel(Box(64, 76 + 300 * number, 400, 190), plies, axis, lines)
    told = f"From {first['elo']:.0f} to {last['elo']:.0f} Elo above random play in {last['plies']:,} plies."
    return document(680, 930, TITLE, told, parts)


def line_of(name: str, rows: Sequence[dict[str, Any]], values: Sequence[dict[str, Any]], key: str) -> Series:
    """Returns a figure of every checkpoint, with its interval where it has one."""
    found = []
    for row, value in zip(rows, values, strict=True):
        middle = value[key]
        found.append(
            Point(row["plies"] / 1e6, middle, value.get(f"{key}_low", middle), value.get(f"{key}_high", middle))
        )
    return Series(name, found)


def main() -> None:
    """Measures, unless only the chart is wanted, and draws."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--points", type=int, default=12, help="checkpoints that are rated, at least 2 (12)")
    parser.add_argument("--work", type=Path, default=Path("runs/long_run"), help="folder of the run (runs/long_run)")
    parser.add_argument("--out", type=Path, default=Path("docs/results/long_run"), help="folder of the results")
    parser.add_argument("--store", type=Path, default=Path("docs/results/ladder.jsonl"), help="store of the ladder")
    parser.add_argument("--draw", action="store_true", help="train nothing, draw the results that are there")
    arguments = parser.parse_args()
    if not arguments.draw:
        measure(arguments)
    result = json.loads((arguments.out / "curve.json").read_text(encoding="utf-8"))
    (arguments.out / "curve.svg").write_text(chart(result["points"]), encoding="utf-8")


def measure(arguments: argparse.Namespace) -> None:
    """Does whatever is not done yet and writes the results."""
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
    (arguments.out / "curve.md").write_text(f"# {TITLE}\n\n{table(rows)}", encoding="utf-8")
    if not (arguments.out / "network").exists():
        keisei("export", str(folder), str(arguments.out / "network"))


if __name__ == "__main__":
    main()
