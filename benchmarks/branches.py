"""Speed of branches beside the games that they are copies of.

    python benchmarks/branches.py [--json] [--rounds 15]

Branches and games play the same plies in turn, in this process and one thread; copying is measured between sets of
branches of random games. Times are the thread's own, so that other work on the machine counts less; figures are medians
over the rounds, ratios medians of the ratios within a round. README.md beside this file explains the keys.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from statistics import median

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi import Branches, Games

BATCHES = (8, 64, 1000)
MAIN_BATCH = 1000
OPENING_PLIES, PLIES = 40, 64
NUM_KEPT = 64_000
"""Branches that stand for the nodes of a search."""

Times = dict[str, list[float]]


@attrs.frozen(eq=False)
class Course:
    """Games in the middle, and how they went on."""

    games: Games
    state: dict[str, NDArray[np.generic]]
    actions: list[NDArray[np.int32]]

    @classmethod
    def random(cls, num_games: int) -> "Course":
        """Plays at random."""
        games = Games(num_games, seed=num_games)
        for _ in range(OPENING_PLIES):
            games.step(games.sample())
        state, actions = games.state(), []
        for _ in range(PLIES):
            actions.append(games.sample())
            games.step(actions[-1], reset=False)
        return cls(games, state, actions)

    def begin(self) -> Games:
        """Puts the games back into the middle."""
        self.games.load_state(self.state)
        return self.games


def spent_ns(call: Callable[[], object], num_rows: int) -> float:
    """Runs a call and returns the thread's nanoseconds a row."""
    started = time.thread_time()
    call()
    return (time.thread_time() - started) / num_rows * 1e9


def play_ns(course: Course) -> tuple[float, float]:
    """Plays the course in games and in branches of them, and returns nanoseconds a ply of each."""
    games = course.begin()
    branches = Branches.of_games(games, slice(None))
    num_plies = int(sum((actions >= 0).sum() for actions in course.actions))

    def step() -> None:
        for actions in course.actions:
            games.step(actions, reset=False)

    def play() -> None:
        for actions in course.actions:
            branches.play(actions)

    return spent_ns(step, num_plies), spent_ns(play, num_plies)


def copy_ns(course: Course, kept: Branches, roots: Branches, rows: NDArray[np.int64]) -> dict[str, float]:
    """Copies branches in each way and returns nanoseconds a branch."""
    batch, live = len(rows), roots.empty(len(rows))
    ways: dict[str, Callable[[], object]] = {
        "of_games": lambda: Branches.of_games(course.games, np.arange(batch)),
        "live_to_live": lambda: live.assign(slice(None), roots, slice(0, batch)),
        "kept_to_live": lambda: live.assign(slice(None), kept, rows),
        "live_to_kept": lambda: kept.assign(rows, live, slice(None)),
    }
    return {name: spent_ns(way, batch) for name, way in ways.items()}


def measure(rounds: int) -> tuple[dict[int, Times], dict[int, Times]]:
    """Runs all in turn, round after round; the first round, in which kernels are compiled, is not counted."""
    courses = {batch: Course.random(batch) for batch in BATCHES}
    played: dict[int, Times] = {batch: {"games": [], "branches": []} for batch in BATCHES}
    copied: dict[int, Times] = {batch: {} for batch in BATCHES}
    main = courses[MAIN_BATCH]
    roots = Branches.of_games(main.begin(), slice(None))
    kept = roots.empty(NUM_KEPT, keeps_legal=False)
    kept.assign(slice(None), roots, np.arange(NUM_KEPT) % MAIN_BATCH)
    random = np.random.default_rng(0)
    for number in range(rounds + 1):
        for batch, course in courses.items():
            times = dict(zip(("games", "branches"), play_ns(course), strict=True))
            copies = copy_ns(main, kept, roots, random.integers(0, NUM_KEPT, batch))
            if number > 0:
                for into, found in ((played[batch], times), (copied[batch], copies)):
                    for name, spent in found.items():
                        into.setdefault(name, []).append(spent)
    return played, copied


def report(rounds: int) -> dict[str, object]:
    """Measures everything."""
    load = os.getloadavg()[0]
    played, copied = measure(rounds)
    main, one = played[MAIN_BATCH], Branches.of_games(Games(1), slice(None))
    return {
        "plies_per_s": {name: round(1e9 / median(spent)) for name, spent in main.items()},
        "ratio": median(game / branch for game, branch in zip(main["games"], main["branches"], strict=True)),
        "play_ns": {batch: {name: median(spent) for name, spent in times.items()} for batch, times in played.items()},
        "copy_ns": {batch: {name: median(spent) for name, spent in times.items()} for batch, times in copied.items()},
        "bytes_per_branch": {
            "live": one.bytes_per_branch,
            "kept": one.empty(1, keeps_legal=False).bytes_per_branch,
        },
        "rounds": rounds,
        "load_before": load,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }


def print_table(figures: dict[str, object]) -> None:
    """Prints a line for each figure."""
    for key, value in figures.items():
        if not isinstance(value, dict):
            print(f"{key:34} {value:,.2f}" if isinstance(value, float) else f"{key:34} {value}")
            continue
        for name, figure in value.items():
            each = figure if isinstance(figure, dict) else {"": figure}
            for part, number in each.items():
                print(f"{f'{key} {name} {part}':34} {number:,.0f}")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=15, help="rounds to take medians over (15)")
    arguments = parser.parse_args()
    figures = report(arguments.rounds)
    if arguments.json:
        print(json.dumps(figures))
    else:
        print_table(figures)


if __name__ == "__main__":
    main()
