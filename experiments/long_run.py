"""The longer run: strength among engines from outside by core-minutes, by policy and looking ahead.

    python experiments/long_run.py [--growth 1.6] [--games 40] [--ahead-games 40] [--last-games 100]
                                   [--last-ahead-games 100] [--out docs/results/long_run] [--draw]

Trains long_run/recipe.toml, keeping checkpoints on the way, or takes the run in WORK/run. Those of them that lie a
factor of --growth apart in core-minutes then play rungs of the external ladder, and solve puzzles: mates in one and in
three, pieces left hanging by exchange; the last of them as the network that is exported. Writes that network,
curve.json, curve.md and curve.svg; games are kept in curve.jsonl, a store of `keisei ladder`. What is done already is
not done again: stopped at any time, it goes on where it was. --draw only draws what curve.json has.
"""

import argparse
import json
import math
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import attrs
import torch
from chart import Axis, Box, Point, Series, document, panel
from command import keisei, metrics_of, train, where
from external_ladder import ENGINES, missing, play, ratings, short, tables_of
from puzzles import built, puzzles, solved

from keisei_core.arena import find_network
from keisei_core.arena.participant import Participant
from keisei_core.plugins import load_registry
from keisei_core.scoreboard import Journey, Stop

RECIPE: Final = Path(__file__).parent / "long_run" / "recipe.toml"
POLICY: Final = "policy"
AHEAD: Final = "simulations=128"
RUNGS: Final = {
    POLICY: ("usi:fairy-d1-s-5", "alphabeta:depth=2", "usi:fairy-d1-s-3", "alphabeta:depth=3", "usi:crazywa-d1"),
    AHEAD: (
        "usi:fairy-d1-s-3",
        "alphabeta:depth=3",
        "usi:crazywa-d1",
        "usi:fairy-d1-s0",
        "usi:fairy-d1",
        "usi:gnushogi-d1",
    ),
}
"""Whom a checkpoint plays, by its policy and looking ahead: the rungs that it passes, and those that it aims at."""
RESULTS: Final = Path("docs/results")
STORES: Final = ("ladder.jsonl", "external_ladder.jsonl")
"""Of `RESULTS`: how the rungs stand to each other."""
SCORE: Final = ("games", "score", "score_low", "score_high", "wins", "draws", "losses", "truncated")
ELO_STEP: Final = 400
SHARES: Final = ((0.0, "0"), (0.25, ".25"), (0.5, ".50"), (0.75, ".75"), (1.0, "1"))
MINUTES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 400, 1000)
TASKS: Final = {
    "mates in one": ("mates_1_played", "mates_1"),
    "mates in three": ("mates_3_played", "mates_3"),
    "moves leaving 5 hanging": ("hanging", "moves"),
}
"""How tables and charts call the shares of the puzzles, see puzzles.py."""

Row = dict[str, Any]


def measured(work: Path, stop: Stop, games: Mapping[str, int], store: Path) -> dict[str, Row]:
    """Plays a checkpoint against the rungs and gives it the puzzles, both ways; keeps what was found in a file.

    It is known by weights, rungs and games: it answers neither for another run nor for an engine installed later.

    Args:
        work: where the file is kept.
        stop: the checkpoint.
        games: against a rung, by the way to play; none is a way that is not measured.
        store: of the games.
    """
    rungs = {player: installed(names) for player, names in RUNGS.items()}
    asked = json.dumps([find_network(stop.path).digest, games, rungs])
    kept = work / f"{stop.path.name}-{sha256(asked.encode()).hexdigest()[:12]}.json"
    if not kept.exists():
        found = {player: of_player(text_of(stop, player), rungs[player], games[player], store) for player in rungs}
        kept.write_text(json.dumps(found), encoding="utf-8")
    result: dict[str, Row] = json.loads(kept.read_text(encoding="utf-8"))
    return result


def installed(rungs: Sequence[str]) -> list[str]:
    """Returns the rungs that are there to play."""
    left_out = missing(tables_of(ENGINES))
    return [rung for rung in rungs if rung not in left_out]


def text_of(stop: Stop, player: str) -> str:
    """Returns a checkpoint as a player, in the folder of the engines, where matches are played."""
    path = os.path.relpath(stop.path, ENGINES.parent)
    return path if player == POLICY else f"{path}:{player}"


def of_player(text: str, rungs: Sequence[str], games: int, store: Path) -> Row:
    """Measures a player; finds nothing by no games.

    Raises:
        SystemExit: a match could not be played.
    """
    if not games:
        return {"matches": {}, "puzzles": {}}
    matches = {}
    for rung in rungs:
        report = play((text, rung), games, store)
        if isinstance(report, str):
            raise SystemExit(f"{text} against {rung}: {report}")
        matches[rung] = {key: report[key] for key in SCORE}
        print(f"{short(text)} against {rung}: {report['score']:.3f} over {report['games']} games", flush=True)
    return {"matches": matches, "puzzles": solved(built(resolved(text)), puzzles())}


def resolved(text: str) -> str:
    """Returns a checkpoint as a player, in whatever folder, from what it is in that of the engines."""
    path, sign, options = text.partition(":")
    return f"{ENGINES.parent / path}{sign}{options}"


def identity_of(text: str) -> str:
    """Returns what a player's games are kept under: names of networks change, weights don't."""
    return Participant.find(text, load_registry()).identity


def points(work: Path, run: Path, stops: Sequence[Stop], arguments: argparse.Namespace) -> list[Row]:
    """Measures the checkpoints and gathers what is known of each."""
    store, metrics = arguments.out / "curve.jsonl", {row["update"]: row for row in metrics_of(run)}
    last = {POLICY: arguments.last_games, AHEAD: arguments.last_ahead_games}
    earlier = {POLICY: arguments.games, AHEAD: arguments.ahead_games}
    games = [last if stop is stops[-1] else earlier for stop in stops]
    results = [measured(work, stop, number, store) for stop, number in zip(stops, games, strict=True)]
    rated = {row["identity"]: row for row in ratings([*(RESULTS / name for name in STORES), store])}
    found = []
    for stop, players in zip(stops, results, strict=True):
        for player, result in players.items():
            rating = rated.get(identity_of(resolved(text_of(stop, player))), {})
            result |= {key: rating.get(key) for key in ("elo", "elo_low", "elo_high")}
        counters = {"update": stop.update, "plies": stop.plies, "games": metrics[stop.update]["games"]}
        found.append({**counters, "core_minutes": stop.core_minutes, "players": players})
    return found


def page(rows: Sequence[Row]) -> str:
    """Writes a table for each way to play."""
    lines = [f"# {title(rows)}", ""]
    for player in players_of(rows):
        lines += [f"By {player}:" if player == POLICY else f"With {player}:", "", *table(rows, player), ""]
    return "\n".join(lines)


def title(rows: Sequence[Row]) -> str:
    """Returns how long the run is."""
    return f"The longer run: {rows[-1]['core_minutes']:.0f} core-minutes"


def players_of(rows: Sequence[Row]) -> list[str]:
    """Returns the ways to play that were measured."""
    return list(dict.fromkeys(player for row in rows for player in row["players"]))


def table(rows: Sequence[Row], player: str) -> Iterator[str]:
    """Yields the checkpoints in the order of the run, as one way to play has them."""
    results = [row["players"][player] for row in rows]
    rungs = list(dict.fromkeys(rung for result in results for rung in result["matches"]))
    heads = ["core-minutes", "plies", "games", "Elo above random", *rungs, *TASKS]
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---:|' * len(heads)}"
    for row, result in zip(rows, results, strict=True):
        scores = [score_text(result["matches"].get(rung)) for rung in rungs]
        shares = [share_text(result["puzzles"], *keys) for keys in TASKS.values()]
        head = [f"{row['core_minutes']:.1f}", f"{row['plies']:,}", f"{row['games']:,}", elo_text(result)]
        yield f"| {' | '.join([*head, *scores, *shares])} |"


def elo_text(result: Mapping[str, Any]) -> str:
    """Writes an Elo with its interval."""
    if result["elo"] is None:
        return ""
    return f"{result['elo']:.0f} [{result['elo_low']:.0f}, {result['elo_high']:.0f}]"


def score_text(match: Mapping[str, Any] | None) -> str:
    """Writes a score with its interval and the number of games."""
    if match is None:
        return ""
    return f"{match['score']:.3f} [{match['score_low']:.2f}, {match['score_high']:.2f}] of {match['games']}"


def share_text(solved_tasks: Mapping[str, int], part: str, whole: str) -> str:
    """Writes a share in percent; nothing where none was counted."""
    if not solved_tasks.get(whole):
        return ""
    return f"{100 * solved_tasks[part] / solved_tasks[whole]:.1f} % of {solved_tasks[whole]:,}"


def chart(rows: Sequence[Row]) -> str:
    """Draws Elo, and the puzzles for each way to play, against core-minutes, one below the other."""
    players = players_of(rows)
    minutes = minutes_axis(rows)
    elo_lines = [line_of(player, rows, lambda row, player=player: elo_of(row, player)) for player in players]
    panels = [(Axis("Elo above random play, 95 % intervals", elo_marks(elo_lines)), elo_lines)]
    for player in players:
        lines = [
            line_of(name, rows, lambda row, player=player, keys=keys: share_of(row, player, *keys))
            for name, keys in TASKS.items()
        ]
        if drawn := [line for line in lines if line.points]:
            panels.append((Axis(f"share, {player}", SHARES), drawn))
    parts: list[str] = []
    for number, (axis, lines) in enumerate(panels):
        parts += panel(Box(64, 76 + 300 * number, 400, 190), minutes, axis, lines)
    ends = [f"{line.name} from {line.points[0].y:.0f} to {line.points[-1].y:.0f}" for line in elo_lines]
    told = f"Elo above random play in {rows[-1]['core_minutes']:.0f} core-minutes: {', '.join(ends)}."
    return document(680, 30 + 300 * len(panels), title(rows), told, parts)


def minutes_axis(rows: Sequence[Row]) -> Axis:
    """Lays off core-minutes, doubled ones as far apart."""
    first, last = rows[0]["core_minutes"], rows[-1]["core_minutes"]
    low = max(value for value in MINUTES if value <= max(first, MINUTES[0]))
    high = min(value for value in MINUTES if value >= last)
    marks = [(float(value), str(value)) for value in MINUTES if low <= value <= high]
    return Axis("core-minutes", marks, math.log)


def elo_marks(lines: Sequence[Series]) -> list[tuple[float, str]]:
    """Returns marks that hold all points with their intervals."""
    low = min(point.low for line in lines for point in line.points) // ELO_STEP * ELO_STEP
    high = max(point.high for line in lines for point in line.points)
    count = math.ceil((high - low) / ELO_STEP)
    return [(value, f"{value:,.0f}") for value in (low + ELO_STEP * step for step in range(count + 1))]


def elo_of(row: Row, player: str) -> tuple[float, float, float] | None:
    """Returns an Elo with the ends of its interval, None where it is not known."""
    result = row["players"][player]
    return None if result["elo"] is None else (result["elo"], result["elo_low"], result["elo_high"])


def share_of(row: Row, player: str, part: str, whole: str) -> tuple[float, float, float] | None:
    """Returns a share of the puzzles, None where none was given."""
    found = row["players"][player]["puzzles"]
    return (found[part] / found[whole],) * 3 if found.get(whole) else None


def line_of(name: str, rows: Sequence[Row], figure: Any) -> Series:
    """Returns a figure of every checkpoint that has it, with its interval."""
    values = [(max(row["core_minutes"], MINUTES[0]), figure(row)) for row in rows]
    return Series(name, [Point(minutes, *found) for minutes, found in values if found is not None])


def main() -> None:
    """Measures, unless only the chart is wanted, and draws."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--growth", type=float, default=1.6, help="core-minutes of a point over the one before (1.6)")
    parser.add_argument("--games", type=int, default=40, help="of a checkpoint against a rung (40)")
    parser.add_argument("--ahead-games", type=int, default=40, help="the same looking ahead; 0 leaves it out (40)")
    parser.add_argument("--last-games", type=int, default=100, help="of the last checkpoint (100)")
    parser.add_argument("--last-ahead-games", type=int, default=100, help="the same looking ahead (100)")
    parser.add_argument("--work", type=Path, default=Path("runs/long_run"), help="folder of the run (runs/long_run)")
    parser.add_argument("--out", type=Path, default=Path("docs/results/long_run"), help="folder of the results")
    parser.add_argument("--draw", action="store_true", help="train nothing, draw the results that are there")
    arguments = parser.parse_args()
    if not arguments.draw:
        measure(arguments)
    rows = json.loads((arguments.out / "curve.json").read_text(encoding="utf-8"))["points"]
    (arguments.out / "curve.md").write_text(page(rows), encoding="utf-8")
    (arguments.out / "curve.svg").write_text(chart(rows), encoding="utf-8")


def measure(arguments: argparse.Namespace) -> None:
    """Does whatever is not done yet and writes the results."""
    run, here = arguments.work / "run", where()
    for made in (arguments.out, arguments.work):
        made.mkdir(parents=True, exist_ok=True)
    train(RECIPE, run, {})
    journey = Journey.read(run, arguments.growth)
    export(run, arguments.out / "network")
    stops = [*journey.stops[:-1], attrs.evolve(journey.stops[-1], path=arguments.out / "network")]
    result = {
        "points": points(arguments.work, run, stops, arguments),
        "config": (run / "config.toml").read_text(encoding="utf-8"),
        "training": dict(journey.place),
        **here,
        "player": "greedy, does not walk into repetition, no rule at play",
    }
    (arguments.out / "curve.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def export(run: Path, network: Path) -> None:
    """Exports the last network of a run into the place of another one; nothing where it stands there."""
    last = find_network(run).rounded(torch.bfloat16).digest
    if not network.exists() or find_network(network).digest != last:
        shutil.rmtree(network, ignore_errors=True)
        keisei("export", str(run), str(network), "--license", "MIT", "--no-card")


if __name__ == "__main__":
    main()
