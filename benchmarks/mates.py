"""Mates of games found by the search for mates, and positions a second.

    python benchmarks/mates.py [--nodes 10000] [--rounds 5] [--json]
    python benchmarks/mates.py --make        writes the set anew: plugins/keisei_plugins_search/tests/mates.txt

One thread. README.md beside this file explains the keys.
"""

import argparse
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
import torch

from keisei_core.arena import find_network
from keisei_core.plugins import load_registry
from keisei_core.run.machine import commit, processor
from keisei_core.shogi import Branches, Games, Positions, Starts, format_sfen, parse_sfen
from keisei_plugins_search.mate_search import Mates, prove_mates

ROOT: Final = Path(__file__).parents[1]
SET: Final = ROOT / "plugins/keisei_plugins_search/tests/mates.txt"
NETWORKS: Final = ("docs/results/long_run/network", "docs/results/gate/new")
LENGTHS: Final = (1, 3, 5, 7, 0)
"""Plies to mate; 0 is none in 7."""
OF_EACH: Final = 100
GAMES: Final = 64
MAX_PLIES: Final = 320
FIRST_PLY: Final = 28
SEED: Final = 5


def played(network: Path, random: np.random.Generator) -> Iterator[str]:
    """Yields positions of games that a network plays against itself by its policy."""
    evaluator = find_network(network).evaluator(load_registry(), torch.device("cpu"))
    games = Games(GAMES, starts=Starts.standard(random_plies=8), max_plies=MAX_PLIES, seed=SEED)
    while games.positions.ply.max() < MAX_PLIES - 1:
        logits = np.where(games.legal != 0, evaluator.raw(games.positions)[0].numpy(), -np.inf)
        for row in np.flatnonzero(games.positions.ply >= FIRST_PLY):
            yield format_sfen(games.positions, int(row))
        games.step((logits + random.gumbel(size=logits.shape)).argmax(axis=1).astype(np.int32))


def plies_to_mate(sfen: str) -> int:
    """Returns the length of the shortest mate by checks as cshogi finds it, 0 where there is none in 7 plies."""
    import cshogi

    board = cshogi.Board(sfen)
    if not board.is_check() and board.mate_move_in_1ply():
        return 1
    return next((plies for plies in (3, 5, 7) if board.mate_move(plies)), 0)


def make() -> None:
    """Plays games and writes the set: positions of each length drawn from all."""
    random = np.random.default_rng(SEED)
    positions = list(dict.fromkeys(sfen for network in NETWORKS for sfen in played(ROOT / network, random)))
    chosen: dict[int, list[str]] = {length: [] for length in LENGTHS}
    for number in random.permutation(len(positions)):
        kept = chosen[plies_to_mate(positions[number])]
        if len(kept) < OF_EACH:
            kept.append(positions[number])
    head = "# Plies to mate by cshogi (0: none in 7 plies), a position of self-play; made by benchmarks/mates.py --make"
    lines = [f"{length} {sfen}" for length, sfens in chosen.items() for sfen in sfens]
    SET.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")


def measure(nodes: int, rounds: int) -> dict[str, Any]:
    """Searches the whole set; times are the thread's own."""
    lines = [line.split(" ", 1) for line in SET.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    plies = np.array([int(length) for length, _ in lines])
    games = Branches.of_positions(Positions.concatenate([parse_sfen(sfen) for _, sfen in lines]), 1_000)

    def search() -> tuple[Mates, float]:
        started = time.thread_time()
        mates = prove_mates(games, np.arange(len(plies)), nodes)
        return mates, time.thread_time() - started

    mates, _ = search()
    seconds = median(search()[1] for _ in range(rounds))
    of_length = {length: plies == length for length in LENGTHS}
    return {
        "positions": {length: int(chosen.sum()) for length, chosen in of_length.items()},
        "found": {length: float((mates.plies[chosen] > 0).mean()) for length, chosen in of_length.items()},
        "shortest": {length: float((mates.plies[chosen] == length).mean()) for length, chosen in of_length.items()},
        "mean_nodes": {length: float(mates.num_nodes[chosen].mean()) for length, chosen in of_length.items()},
        "nodes_per_s": float(mates.num_nodes.sum() / seconds),
        "us_per_position": {"nodes": nodes, "us": seconds / len(plies) * 1e6},
        "load": os.getloadavg()[0],
        "machine": f"{processor()}, commit {commit()}",
    }


def main() -> None:
    """Makes the set or measures, and prints."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--make", action="store_true", help="write the set anew instead of measuring")
    arguments.add_argument("--nodes", type=int, default=10_000)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--json", action="store_true", help="print one JSON object")
    given = arguments.parse_args()
    torch.set_num_threads(1)
    if given.make:
        make()
        return
    figures = measure(given.nodes, given.rounds)
    if given.json:
        print(json.dumps(figures))
        return
    print("| plies to mate | positions | found | shortest | positions looked at |\n|---:|---:|---:|---:|---:|")
    for length in LENGTHS:
        found, shortest, nodes = (figures[key][length] for key in ("found", "shortest", "mean_nodes"))
        print(f"| {length} | {figures['positions'][length]} | {found:.3f} | {shortest:.3f} | {nodes:,.0f} |")
    print(f"\n{figures['nodes_per_s']:,.0f} positions/s, {figures['machine']}, load {figures['load']:.1f}")


if __name__ == "__main__":
    main()
