"""What search is worth to a network: its Elo over its own policy and over alphabeta, by simulations.

    python experiments/search_strength.py [--network PATH] [--algorithm puct] [--games 200] [--minutes 120] [--out DIR]

Every number of simulations plays the network's own policy and alphabeta of depth 1 to 4, each random opening with both
colours. All cells grow alike, 100 games at a time, so that the table may be read early; pairs of games are kept in
DIR/search_strength.jsonl, a store of `keisei ladder`, which knows weights and settings: stopped at any time, it goes on
where it was. Writes search_strength-ALGORITHM.json and .md, anew each time.
"""

import argparse
import json
import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from command import match_of, where

SIMULATIONS: Final = (0, 8, 16, 32, 64, 128, 256)
POLICY: Final = "own policy"
DEPTHS: Final = (1, 2, 3, 4)
CHUNK: Final = 100
"""Games by which a cell grows; a match that is cut off in the middle is played again from its last chunk."""
MATCH_SEED: Final = 1
OPENING_PLIES: Final = 6
FROM_TO: Final = (16, 128)
"""Simulations between which the gain of a doubling is told."""
KEPT: Final = ("games", "wins", "draws", "losses", "truncated", "score", "score_low", "score_high")
ELO: Final = ("elo", "elo_low", "elo_high")

Cells = dict[str, dict[str, Any]]


def player(network: Path, simulations: int, algorithm: str) -> str:
    """Returns the text of the network with so many simulations, 0 for its policy."""
    if simulations == 0:
        return str(network)
    return f"search:network={network},simulations={simulations},algorithm={algorithm}"


def opponents(network: Path) -> dict[str, str]:
    """Returns the texts of the opponents, by their names in the table."""
    return {POLICY: str(network), **{f"depth {depth}": f"alphabeta:depth={depth}" for depth in DEPTHS}}


def cells_of(simulations: Sequence[int], names: Sequence[str]) -> list[tuple[int, str]]:
    """Returns the cells of the table, the quickest first; the policy does not play itself."""
    return [(count, name) for count in sorted(simulations) for name in names if count or name != POLICY]


def grow(cells: Cells, arguments: argparse.Namespace, games: int, end: float) -> bool:
    """Plays every cell up to so many games; returns False once the time is over."""
    against = opponents(arguments.network)
    for count, name in cells_of(arguments.simulations, list(against)):
        key = f"{count} {name}"
        if time.monotonic() > end:
            return False
        texts = player(arguments.network, count, arguments.algorithm), against[name]
        settings = "--opening-plies", str(OPENING_PLIES), "--store", str(arguments.out / "search_strength.jsonl")
        report = match_of(*texts, games, MATCH_SEED, *settings)
        cells[key] = {field: report[field] for field in (*KEPT, *ELO)}
        print(f"{key}: {told(cells[key])}", flush=True)
    return True


def told(cell: Mapping[str, Any] | None) -> str:
    """Writes a cell of the table: score with its interval, games, and Elo where there is one."""
    if cell is None:
        return ""
    score = f"{cell['score']:.2f} [{cell['score_low']:.2f}, {cell['score_high']:.2f}]"
    elo, low, high = (cell[field] for field in ELO)
    return score if None in (elo, low, high) else f"{score}, {elo:+.0f} [{low:.0f}, {high:.0f}]"


def doublings(cells: Cells, name: str) -> str:
    """Says how much Elo each doubling gains against an opponent; empty where a cell lacks or has no Elo."""
    found = [cells.get(f"{count} {name}", {}).get("elo") for count in FROM_TO]
    if None in found:
        return ""
    gained = (found[1] - found[0]) / math.log2(FROM_TO[1] / FROM_TO[0])
    return f"{gained:+.0f}"


def page(result: Mapping[str, Any]) -> str:
    """Writes the table in Markdown."""
    names = [POLICY, *(f"depth {depth}" for depth in DEPTHS)]
    lines = [
        f"# Search: {result['algorithm']}, {result['network']}",
        "",
        "Score and Elo with 95 % intervals, by simulations a move, against the network's own policy and `alphabeta`.",
        "",
        f"| simulations | {' | '.join(names)} |",
        "|---:|" + "---:|" * len(names),
    ]
    for count in result["simulations"]:
        row = (told(result["cells"].get(f"{count} {name}")) for name in names)
        lines.append(f"| {count} | {' | '.join(row)} |")
    gains = " | ".join(doublings(result["cells"], name) for name in names)
    lines.append(f"| a doubling, {FROM_TO[0]} to {FROM_TO[1]} | {gains} |")
    games = sorted({cell["games"] for cell in result["cells"].values()})
    lines += [
        "",
        f"Games a cell: {', '.join(map(str, games))}.",
        f"{result['machine']}, torch {result['torch']}, commit {result['commit']}.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Plays and writes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", type=Path, default=Path("docs/results/long_run/network"))
    parser.add_argument("--algorithm", choices=["puct", "gumbel"], default="puct")
    parser.add_argument("--simulations", type=int, nargs="+", default=SIMULATIONS)
    parser.add_argument("--games", type=int, default=200, help="of each cell")
    parser.add_argument("--minutes", type=float, default=120, help="no match begins after so long")
    parser.add_argument("--out", type=Path, default=Path("docs/results"), help="folder of the results and of the store")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / f"search_strength-{arguments.algorithm}.json"
    cells: Cells = {}
    end = time.monotonic() + 60 * arguments.minutes
    for games in range(CHUNK, arguments.games + CHUNK, CHUNK):
        goes_on = grow(cells, arguments, min(games, arguments.games), end)
        result = {
            "network": str(arguments.network),
            "algorithm": arguments.algorithm,
            "simulations": sorted(arguments.simulations),
            "cells": cells,
            **where(),
        }
        path.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        path.with_suffix(".md").write_text(page(result), encoding="utf-8")
        if not goes_on:
            break
    print(page(result))


if __name__ == "__main__":
    main()
