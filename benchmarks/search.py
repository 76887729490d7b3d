"""Simulations a second of the search, beside what its network evaluates alone.

    python benchmarks/search.py [--network docs/results/long_run/network] [--rounds 5] [--json]

One thread. Positions after 40 random plies; search and bare network take turns in this process, the network with as
many positions in a batch as the search hands it. Times are the thread's own, so that other work on the machine counts
less. README.md beside this file explains the keys.
"""

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import torch

from keisei_core.arena import find_network
from keisei_core.evaluate import Evaluator
from keisei_core.plugins import load_registry
from keisei_core.run.machine import commit, processor
from keisei_core.shogi import Branches, Games, Starts
from keisei_plugins_search.nodes import bytes_per_node
from keisei_plugins_search.search import Search, SearchSettings

SETTINGS = (
    ("puct", 1, 1, 256),
    ("puct", 1, 8, 1024),
    ("puct", 64, 1, 64),
    ("puct", 512, 1, 64),
    ("gumbel", 64, 1, 64),
)
"""Algorithm, games searched side by side, leaves of each in a step, and simulations."""
RANDOM_PLIES = 40
BATCHES = 16
"""Batches that the bare network sees in turn: positions that are seen again and again lie in the processor's cache."""


def per_second(call: Callable[[], int]) -> float:
    """Runs a call, which says how much it did, and returns how much that is in a second of the thread."""
    started = time.thread_time()
    count = call()
    return count / (time.thread_time() - started)


def measure(
    evaluator: Evaluator, algorithm: str, num_games: int, leaves: int, simulations: int, rounds: int
) -> dict[str, float]:
    """Measures one setting."""
    games = Games(num_games, starts=Starts.standard(random_plies=RANDOM_PLIES), seed=1)
    roots = Branches.of_games(games, slice(None))
    size = num_games * leaves
    pool = Games(size * BATCHES, starts=Starts.standard(random_plies=RANDOM_PLIES), seed=2).positions
    limits = np.full(num_games, simulations, np.int32)
    settings = SearchSettings(leaves=leaves, algorithm=algorithm)
    repeats = max(1, simulations // leaves)
    evaluations: list[float] = []

    def searched() -> int:
        search = Search(evaluator, roots, games.legal, limits, settings)
        search.run()
        made = int(search.progress.done.sum())
        evaluations.append(search.num_evaluated / made)
        return made

    def evaluated() -> int:
        for number in range(repeats):
            first = number % BATCHES * size
            evaluator.raw(pool[first : first + size])
        return repeats * size

    searched(), evaluated()
    found = [(per_second(searched), per_second(evaluated)) for _ in range(rounds)]
    return {
        "simulations_per_s": median(search for search, _ in found),
        "bare_per_s": median(bare for _, bare in found),
        "share": median(search / bare for search, bare in found) * evaluations[-1],
        "evaluations": evaluations[-1],
        "megabytes": num_games * (simulations + 1) * bytes_with_position() / 1e6,
    }


def bytes_with_position() -> int:
    """Returns the memory of a node."""
    branch = Branches.of_games(Games(1), slice(None)).empty(1, keeps_legal=False)
    return bytes_per_node(SearchSettings().moves) + branch.bytes_per_branch


def main() -> None:
    """Measures and prints."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--network", type=Path, default=Path("docs/results/long_run/network"))
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--json", action="store_true", help="print one JSON object")
    given = arguments.parse_args()
    torch.set_num_threads(1)
    evaluator = find_network(given.network).evaluator(load_registry(), torch.device("cpu"))
    rows = {
        f"{algorithm} {games} x {leaves}": measure(evaluator, algorithm, games, leaves, simulations, given.rounds)
        for algorithm, games, leaves, simulations in SETTINGS
    }
    figures = {
        "figures": rows,
        "bytes_per_node": bytes_with_position(),
        "rounds": given.rounds,
        "load": os.getloadavg()[0],
        "machine": f"{processor()}, {evaluator.precision.description}, commit {commit()}",
    }
    if given.json:
        print(json.dumps(figures))
        return
    print("| games x leaves | simulations/s | bare network/s | share | MB |\n|---|---:|---:|---:|---:|")
    for name, row in rows.items():
        speeds = f"{row['simulations_per_s']:,.0f} | {row['bare_per_s']:,.0f} | {row['share']:.3f}"
        print(f"| {name} | {speeds} | {row['megabytes']:.1f} |")
    print("\n" + "\n".join(f"{key}: {value}" for key, value in figures.items() if key != "figures"))


if __name__ == "__main__":
    main()
