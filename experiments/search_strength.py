"""What search is worth to a network: its Elo over its own policy and over others, by simulations.

    python experiments/search_strength.py [--network PATH] [--algorithm puct] [--games 200] [--minutes 120] [--out DIR]
                                          [--against PLAYER ...]

Every number of simulations plays the network's own policy, alphabeta of depth 1 to 4 and whoever else is named, each
random opening with both colours. Cheap cells and those that are likely to be close come first. A cell has 60 games at
first, and all of them where these leave open who is better; against the own policy always. Pairs of games are kept in
DIR/search_strength.jsonl, a store of `keisei ladder`, which knows weights and settings: stopped at any time, it goes on
where it was. Writes search_strength-ALGORITHM.json and .md after every cell, and at its end a chart; --draw only that.
"""

import argparse
import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from chart import Axis, Box, Point, Series, document, panel
from command import keisei, match_of, where

SIMULATIONS: Final = (0, 8, 16, 32, 64, 128, 256)
POLICY: Final = "own policy"
DEPTHS: Final = (3, 2, 4, 1)
"""The order in which they are played: the closest first."""
FIRST_GAMES: Final = 60
CLEAR: Final = 0.9
"""A cell whose whole interval lies beyond this, or below 1 less this, has no more games than the first ones."""
MATCH_SEED: Final = 1
OPENING_PLIES: Final = 6
KEPT: Final = ("first", "games", "wins", "draws", "losses", "truncated", "score", "score_low", "score_high")
ELO: Final = ("elo", "elo_low", "elo_high")

Cells = dict[str, dict[str, Any]]


def player(network: Path, simulations: int, algorithm: str) -> str:
    """Returns the text of the network with so many simulations, 0 for its policy."""
    if simulations == 0:
        return str(network)
    return f"search:network={network},simulations={simulations},algorithm={algorithm}"


def opponents(network: Path, further: Sequence[str] = ()) -> dict[str, str]:
    """Returns the texts of the opponents, by their names in the table, in the order in which they are played."""
    depths = {f"depth {depth}": f"alphabeta:depth={depth}" for depth in DEPTHS}
    return {POLICY: str(network), **depths, **{text: text for text in further}}


def cells_of(simulations: Sequence[int], names: Sequence[str]) -> list[tuple[int, str]]:
    """Returns the cells of the table, the quickest first; the policy does not play itself."""
    return [(count, name) for count in sorted(simulations) for name in names if count or name != POLICY]


def is_clear(cell: Mapping[str, Any]) -> bool:
    """Tells whether a few games say all that there is to say."""
    return bool(cell["score_low"] > CLEAR or cell["score_high"] < 1 - CLEAR)


def grow(cells: Cells, arguments: argparse.Namespace, games: int, end: float) -> Iterator[None]:
    """Plays every cell up to so many games, clear ones not beyond the first; yields after each, until time is over."""
    against = opponents(arguments.network, arguments.against)
    for count, name in cells_of(arguments.simulations, list(against)):
        key = f"{count} {name}"
        if key in cells and name != POLICY and is_clear(cells[key]):
            continue
        if time.monotonic() > end:
            return
        texts = player(arguments.network, count, arguments.algorithm), against[name]
        report = match_of(*texts, games, MATCH_SEED, "--opening-plies", str(OPENING_PLIES), *store(arguments.out))
        cells[key] = {field: report[field] for field in (*KEPT, *ELO)}
        print(f"{key}: {told(cells[key])}, {games} games", flush=True)
        yield


def store(folder: Path) -> tuple[str, str]:
    """Returns the flag that keeps pairs of games."""
    return "--store", str(folder / "search_strength.jsonl")


def ratings(cells: Cells, arguments: argparse.Namespace) -> dict[str, dict[str, float]]:
    """Returns what each number of simulations is worth by all games of the store, in Elo above the own policy."""
    settings = "--opening-plies", str(OPENING_PLIES), "--anchor", str(arguments.network), "--json"
    rows = json.loads(keisei("ladder", *store(arguments.out), *settings))["players"]
    found = {row["player"]: {field: row[field] for field in ELO} for row in rows}
    counts = {key.partition(" ")[0]: cell["first"] for key, cell in cells.items()}
    return {count: found[name] for count, name in counts.items() if name in found}


def told(cell: Mapping[str, Any] | None) -> str:
    """Writes a cell of the table: score with its interval, and Elo where there is one."""
    if cell is None:
        return ""
    score = f"{cell['score']:.2f} [{cell['score_low']:.2f}, {cell['score_high']:.2f}]"
    return score if None in (cell[field] for field in ELO) else f"{score}, {told_elo(cell)}"


def told_elo(row: Mapping[str, Any] | None) -> str:
    """Writes Elo with its interval."""
    if row is None or None in (row[field] for field in ELO):
        return ""
    return f"{row['elo']:+.0f} [{row['elo_low']:.0f}, {row['elo_high']:.0f}]"


def doublings(rows: Mapping[int, Mapping[str, Any]]) -> str:
    """Says how much Elo each doubling gains, as far as both its ends are known.

    Args:
        rows: with `elo`, by simulations.
    """
    found = [(count, row["elo"]) for count, row in sorted(rows.items()) if count and row["elo"] is not None]
    steps = [(low, high) for low, high in pairwise(found) if high[0] == 2 * low[0]]
    return ", ".join(f"{low[0]} to {high[0]} {high[1] - low[1]:+.0f}" for low, high in steps)


def page(result: Mapping[str, Any]) -> str:
    """Writes the table in Markdown."""
    cells, rated = result["cells"], result["ratings"]
    names = sorted(dict.fromkeys(key.partition(" ")[2] for key in cells), key=lambda name: (name != POLICY, name))
    lines = [
        f"# Search: {result['algorithm']}, {result['network']}",
        "",
        "Score and Elo with 95 % intervals, by simulations a move. The last column is a rating by the games of all",
        "columns together, above the network's own policy.",
        "",
        f"| simulations | {' | '.join(names)} | all together |",
        "|---:|" + "---:|" * (len(names) + 1),
    ]
    for count in result["simulations"]:
        row = (told(cells.get(f"{count} {name}")) for name in names)
        lines.append(f"| {count} | {' | '.join(row)} | {told_elo(rated.get(str(count)))} |")
    gains = doublings({int(count): row for count, row in rated.items()})
    games = sorted({cell["games"] for cell in cells.values()})
    lines += [
        "",
        f"Elo that a doubling gains, all together: {gains}.",
        f"Games a cell: {', '.join(map(str, games))}.",
        f"{result['machine']}, torch {result['torch']}, commit {result['commit']}.",
        "",
    ]
    return "\n".join(lines)


def known(result: Mapping[str, Any]) -> list[Point]:
    """Returns the ratings that are known: Elo with its interval, by simulations."""
    rated = {int(count): row for count, row in result["ratings"].items() if int(count) and None not in row.values()}
    return [Point(count, *(rated[count][field] for field in ELO)) for count in sorted(rated)]


def chart(result: Mapping[str, Any]) -> str:
    """Draws the ratings of all games together against simulations, at least two."""
    points = known(result)
    simulations = Axis("simulations a move", [(point.x, f"{point.x:g}") for point in points], math.log2)
    elo = Axis("Elo above the own policy, 95 % intervals", [(value, str(value)) for value in range(0, 801, 200)])
    parts = [*panel(Box(64, 76, 430, 250), simulations, elo, [Series(result["algorithm"], points)])]
    told = "; ".join(f"{point.x:g} simulations {point.y:+.0f} [{point.low:.0f}, {point.high:.0f}]" for point in points)
    return document(560, 390, "What looking ahead is worth", told, parts)


def write(cells: Cells, arguments: argparse.Namespace) -> dict[str, Any]:
    """Writes what there is; returns it."""
    result = {
        "network": str(arguments.network),
        "algorithm": arguments.algorithm,
        "simulations": sorted(arguments.simulations),
        "cells": cells,
        "ratings": ratings(cells, arguments),
        **where(),
    }
    path = arguments.out / f"search_strength-{arguments.algorithm}.json"
    path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(page(result), encoding="utf-8")
    return result


def main() -> None:
    """Plays, unless only the chart is wanted, and draws."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", type=Path, default=Path("docs/results/long_run/network"))
    parser.add_argument("--algorithm", choices=["puct", "gumbel"], default="puct")
    parser.add_argument("--simulations", type=int, nargs="+", default=SIMULATIONS)
    parser.add_argument("--against", nargs="*", default=(), metavar="PLAYER", help="further opponents")
    parser.add_argument("--games", type=int, default=200, help="of each cell")
    parser.add_argument("--minutes", type=float, default=120, help="no match begins after so long")
    parser.add_argument("--out", type=Path, default=Path("docs/results"), help="folder of the results and of the store")
    parser.add_argument("--draw", action="store_true", help="play nothing, draw the results that are there")
    arguments = parser.parse_args()
    path = arguments.out / f"search_strength-{arguments.algorithm}.json"
    result = json.loads(path.read_text(encoding="utf-8")) if arguments.draw else measure(arguments)
    if len(known(result)) > 1:
        path.with_suffix(".svg").write_text(chart(result), encoding="utf-8")


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Plays what is not played yet; returns what was written."""
    arguments.out.mkdir(parents=True, exist_ok=True)
    cells: Cells = {}
    end = time.monotonic() + 60 * arguments.minutes
    for games in sorted({min(FIRST_GAMES, arguments.games), arguments.games}):
        for _ in grow(cells, arguments, games, end):
            write(cells, arguments)
    result = write(cells, arguments)
    print(page(result))
    return result


if __name__ == "__main__":
    main()
