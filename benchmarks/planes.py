"""Speed of the observation planes, anew and over those of the ply before, beside plain writes of as many bytes.

    python benchmarks/planes.py [--json] [--rounds 25]

All run in this process, in turn and in one thread, on plies that the same games play in a row. Times are the thread's
own, so that other work on the machine counts less; figures are medians over the rounds, ratios are medians of the
ratios within a round. README.md beside this file explains the keys.
"""

import argparse
import ctypes
import json
import os
import platform
import re
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from statistics import median

import numpy as np

from keisei_core.observe import FeaturePlanes, FeatureSet, PlaneContext
from keisei_core.plugins import load_registry
from keisei_core.shogi import Games, Positions, Starts, UInt8Array

BATCHES = (64, 256, 1024)
OPTIONAL = ("check", "repetition", "prom_zone", "last2ply", "hand_onehot")
PAGE = Path(__file__).parents[1] / "docs" / "plugins" / "features.md"
CONTEXT = PlaneContext(max_plies=512)
POSITIONS_A_ROUND = 8_192
NUM_PLIES = 8

Times = dict[str, list[float]]


def bundled(names: str) -> FeatureSet:
    """Builds an observation from installed planes."""
    return FeatureSet([choice.build(CONTEXT) for choice in load_registry().resolve_features(names)])


def from_the_page(folder: Path) -> dict[str, FeatureSet]:
    """Builds the two plane plugins of docs/plugins/features.md, which do the same; writes their sources to `folder`."""
    for path, source in re.findall(r"```python\n# src/(\S+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(source, encoding="utf-8")
    sys.path.insert(0, str(folder))
    targets: dict[str, Callable[[PlaneContext], FeaturePlanes]] = {
        "numpy": import_module("keisei_plugins_pawn_files.with_numpy").PawnFiles,
        "compiled": import_module("keisei_plugins_pawn_files.compiled").PawnFiles,
    }
    return {name: FeatureSet([target(CONTEXT)]) for name, target in targets.items()}


def clock_ns() -> float:
    """Returns what looking at the clock takes."""
    looks = [time.thread_time_ns() for _ in range(1_001)]
    return median(after - before for before, after in pairwise(looks))


CLOCK_NS = clock_ns()


class Plies:
    """The positions of the same games at some plies in a row, of which one is the present one."""

    def __init__(self, num_games: int, history: int) -> None:
        games = Games(num_games, starts=Starts.standard(random_plies=200), history=history)
        self.now = Positions.empty(num_games, history)
        self._plies: list[Positions] = []
        for _ in range(NUM_PLIES):
            self._plies.append(games.positions[np.arange(num_games)])
            games.step(games.sample())

    def ns(self, call: Callable[[], object]) -> float:
        """Returns nanoseconds of the thread that a call takes a position, over all plies."""
        taken = 0
        for ply in self._plies:
            self.now[:] = ply
            started = time.thread_time_ns()
            call()
            taken += time.thread_time_ns() - started - CLOCK_NS
        return taken / NUM_PLIES / len(self.now)


def encoders(name: str, features: FeatureSet, positions: Positions) -> dict[str, Callable[[], object]]:
    """Returns calls that encode anew, and over what the last of them wrote; already compiled."""
    out = features.encode(positions)
    canvas = features.canvas(out.copy())
    return {
        name: lambda: features.encode(positions, out),
        f"{name}, over": lambda: features.encode_over(positions, canvas),
    }


def filler(num_bytes: int, memory: UInt8Array) -> Callable[[], object]:
    """Returns a call that fills the start of `memory` with the C library's memset."""
    address = memory.ctypes.data
    return lambda: ctypes.memset(address, 1, num_bytes)


def measure(calls: dict[str, Callable[[], object]], plies: Plies, rounds: int) -> Times:
    """Runs all calls in turn, round after round; returns nanoseconds a position. The first round is not counted."""
    repeats = max(1, POSITIONS_A_ROUND // len(plies.now) // NUM_PLIES)
    times: Times = {name: [] for name in calls}
    for _ in range(rounds + 1):
        for name, call in calls.items():
            call()  # brings the array's memory as near as this call keeps it
            times[name].append(sum(plies.ns(call) for _ in range(repeats)) / repeats)
    return {name: values[1:] for name, values in times.items()}


def ratio(times: Times, *parts: str, to: str) -> float:
    """Returns the median over the rounds of the sum of some times over another one."""
    sums = (sum(values) for values in zip(*(times[part] for part in parts), strict=True))
    return median(value / other for value, other in zip(sums, times[to], strict=True))


def report(rounds: int) -> dict[str, object]:
    """Measures everything."""
    sets = {name: bundled(name) for name in ("core46", *OPTIONAL, "core46+all", "attacks", "safe", "history")}
    by_batch: dict[int, Times] = {}
    with tempfile.TemporaryDirectory() as folder:
        sets |= from_the_page(Path(folder))
        for batch in BATCHES:
            history = sets["history"].needs.history
            plies, memory = Plies(batch, history), np.zeros(batch * 110 * 81, np.uint8)
            calls = {f"memset_{planes}": filler(batch * planes * 81, memory) for planes in (46, 64, 110)}
            for name, features in sets.items():
                calls |= encoders(name, features, plies.now)
            by_batch[batch] = measure(calls, plies, rounds)
    return {
        "ns": {batch: {name: median(values) for name, values in times.items()} for batch, times in by_batch.items()},
        "ratio_all": {batch: ratio(times, "core46+all, over", to="core46, over") for batch, times in by_batch.items()},
        "ratio_all_anew": {batch: ratio(times, "core46+all", to="core46") for batch, times in by_batch.items()},
        "ratio_floor": {batch: ratio(times, "core46", "memset_64", to="core46") for batch, times in by_batch.items()},
        "ratio_memset": {batch: ratio(times, "core46+all", to="memset_110") for batch, times in by_batch.items()},
        "ratio_numpy": {batch: ratio(times, "numpy", to="compiled") for batch, times in by_batch.items()},
        "rounds": rounds,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }


def print_table(figures: dict[str, object]) -> None:
    """Prints a line for each figure with a column for each batch."""
    print(f"{'':24}" + "".join(f"{batch:>10}" for batch in BATCHES))
    for key, value in figures.items():
        if key == "ns":
            for name in value[BATCHES[0]]:  # type: ignore[index]
                print(f"ns {name:21}" + "".join(f"{value[batch][name]:10.1f}" for batch in BATCHES))  # type: ignore[index]
        elif isinstance(value, dict):
            print(f"{key:24}" + "".join(f"{value[batch]:10.2f}" for batch in BATCHES))
        else:
            print(f"{key:24} {value}")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=25, help="rounds to take medians over (25)")
    arguments = parser.parse_args()
    figures = report(arguments.rounds)
    if arguments.json:
        print(json.dumps(figures))
    else:
        print_table(figures)


if __name__ == "__main__":
    main()
