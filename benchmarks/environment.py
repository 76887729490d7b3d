"""Speed of the batched environment, beside libraries that know the rules and beside Pgx.

    python benchmarks/environment.py [--json] [--rounds 7] [--threads]

One step of one game = its legal moves as a mask of 2,187, its 46 core planes as uint8, one random legal move played,
and a new game where one ended. All run in turn on the same machine, Pgx in a child process; figures are medians over
the rounds, ratios are medians of the ratios within a round. Peers that are not installed are left out. README.md
beside this file explains the keys.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Final, Protocol

import numpy as np
from libraries import MAX_PLIES, installed_drivers

from keisei_core.observe import FeatureSet, PlaneContext
from keisei_core.shogi import NUM_ACTIONS, START_SFEN, Games, Starts, legal_mask, parse_sfen, perft, use_crew
from keisei_plugins_features.core46 import Core46

BATCHES: Final = (64, 256, 1024)
MAIN_BATCH: Final = 256
MANY_GAMES: Final = 1024
SLICE_S: Final = 0.4
"""Time that each driver runs in a round."""
SHORT_SLICE_S: Final = 0.08
"""The same where one thread and two take turns."""
QUIET: Final = 0.15
"""Share of one core that other processes may use while both cores count as free."""
START: Final = """
import time
started = time.perf_counter()
from keisei_core.observe import FeatureSet, PlaneContext
from keisei_core.shogi import Games
from keisei_plugins_features.core46 import Core46
games, features = Games(64), FeatureSet([Core46(PlaneContext(max_plies=512))])
games.step(games.sample())
features.encode(games.positions)
print(time.perf_counter() - started)
"""
GROWTH: Final = """
import resource
from environment import MAIN_BATCH, Keisei
games = Keisei(MAIN_BATCH)
def play(steps):
    for _ in range(steps // MAIN_BATCH):
        games.step()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before = play(500_000)
print(play(10_000_000) - before)
"""

Measure = Callable[[], float]
"""Runs one contestant for a while and returns its steps of single games per second."""


class Driver(Protocol):
    """A batch of games that can be stepped."""

    num_games: int

    def step(self) -> None:
        """Writes masks and planes of all games, and plays one random move in each."""


class Keisei:
    """The environment under test."""

    def __init__(self, num_games: int) -> None:
        self.num_games = num_games
        self.games = Games(num_games, max_plies=MAX_PLIES)
        self.features = FeatureSet([Core46(PlaneContext(max_plies=MAX_PLIES))])
        self.canvas = self.features.canvas(self.features.encode(self.games.positions))

    def step(self) -> None:
        """Plays, which also writes the masks, and encodes over the planes of the ply before."""
        self.games.step(self.games.sample())
        self.features.encode_over(self.games.positions, self.canvas)


class Pgx:
    """Pgx in a child process, which waits while others run."""

    def __init__(self) -> None:
        child = Path(__file__).with_name("pgx_child.py")
        self.process = subprocess.Popen(
            [sys.executable, str(child)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def steps_per_s(self, batch: int) -> float:
        """Steps a batch of games about 2,048 steps in all."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(batch, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def close(self) -> None:
        """Ends the child."""
        self.process.communicate()


def steps_per_s(driver: Driver, slice_s: float = SLICE_S, num_threads: int = 1) -> float:
    """Runs a driver for a while, after a step that is not counted, and returns steps of single games per second."""
    use_crew(num_threads)
    driver.step()
    started, steps = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - started) < slice_s:
        driver.step()
        steps += driver.num_games
    return steps / elapsed


def measure(contestants: dict[str, Measure], rounds: int) -> dict[str, list[float]]:
    """Runs all in turn, round after round; one round before is not counted."""
    for run in contestants.values():
        run()
    results: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            results[name].append(run())
    return results


def ratio(own: list[float], other: list[float]) -> float:
    """Returns the median of the ratios within the rounds."""
    return median(one / two for one, two in zip(own, other, strict=True))


def beside_peers(rounds: int) -> dict[str, object]:
    """Measures one thread beside the libraries and Pgx; what is not installed is None."""
    drivers = installed_drivers(MAIN_BATCH)
    contestants: dict[str, Measure] = {str(batch): partial(steps_per_s, Keisei(batch)) for batch in BATCHES}
    contestants |= {name: partial(steps_per_s, driver) for name, driver in drivers.items() if driver is not None}
    pgx = Pgx() if find_spec("pgx") else None
    if pgx is not None:
        contestants |= {f"pgx_{batch}": partial(pgx.steps_per_s, batch) for batch in BATCHES}
    results = measure(contestants, rounds)
    if pgx is not None:
        pgx.close()
    medians = {name: median(values) for name, values in results.items()}
    own = results[str(MAIN_BATCH)]
    library = max((name for name in drivers if name in medians), key=lambda name: medians[name], default=None)
    batches = [f"pgx_{batch}" for batch in BATCHES]
    best_pgx = None if pgx is None else max(batches, key=lambda name: medians[name])
    return {
        "steps_per_s": medians[str(MAIN_BATCH)],
        "steps_per_s_by_batch": {str(batch): medians[str(batch)] for batch in BATCHES},
        "library": library,
        "library_steps_per_s": {name: medians.get(name) for name in drivers},
        "ratio_library": None if library is None else ratio(own, results[library]),
        "pgx_steps_per_s_by_batch": {str(batch): medians.get(f"pgx_{batch}") for batch in BATCHES},
        "ratio_pgx": None if best_pgx is None else ratio(own, results[best_pgx]),
    }


def busy_s() -> float:
    """Returns how long all other processes have used the cores since the system started; 0 where it doesn't say."""
    try:
        user, nice, system, _, _, *rest = map(int, Path("/proc/stat").read_text(encoding="ascii").split()[1:9])
    except OSError:
        return 0
    own = os.times()
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK") - own.user - own.system


def beside_two_threads(rounds: int, num_games: int = MAIN_BATCH) -> dict[str, object]:
    """Measures two threads beside one in many short turns; those count in which the cores were free, if any were."""
    one, two = Keisei(num_games), Keisei(num_games)
    turns: list[tuple[float, float, float]] = []
    for _ in range(20 * rounds):
        started, others = time.perf_counter(), busy_s()
        speeds = steps_per_s(one, SHORT_SLICE_S), steps_per_s(two, SHORT_SLICE_S, 2)
        turns.append((*speeds, (busy_s() - others) / (time.perf_counter() - started)))
    quiet = [turn for turn in turns if turn[2] < QUIET]
    use_crew(1)
    return {
        "steps_per_s_2_threads": median(turn[1] for turn in quiet or turns),
        "ratio_threads": median(turn[1] / turn[0] for turn in quiet or turns),
        "ratio_threads_all_turns": median(turn[1] / turn[0] for turn in turns),
        "quiet_turns": len(quiet) / len(turns),
    }


def threads(rounds: int) -> dict[str, object]:
    """Measures two threads beside one with few games and with many."""
    many = beside_two_threads(rounds, MANY_GAMES)
    return {**beside_two_threads(rounds), "ratio_threads_1024": many["ratio_threads"]}


def generate_ns(rounds: int) -> float:
    """Returns the time of the legal moves of one position, over fresh positions of 4,096 random games."""
    games = Games(4096, starts=Starts.standard(random_plies=200))
    legal = np.zeros((256, NUM_ACTIONS), np.uint8)
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        for low in range(0, 4096, 256):
            legal_mask(games.positions[low : low + 256], legal)
        times.append((time.perf_counter() - started) / 4096 * 1e9)
        games.step(games.sample())
    return median(times)


def perft_s() -> float:
    """Returns how long perft of the start position takes to depth 5."""
    start, times = parse_sfen(START_SFEN), []
    perft(start, 1)
    for _ in range(3):
        started = time.perf_counter()
        perft(start, 5)
        times.append(time.perf_counter() - started)
    return median(times)


def start_s(cache: str) -> float:
    """Returns how long a fresh process takes from its first import to its first step and planes."""
    environment = os.environ | {"NUMBA_CACHE_DIR": cache}
    output = subprocess.run([sys.executable, "-c", START], env=environment, capture_output=True, text=True, check=True)
    return float(output.stdout)


def growth_kb() -> int:
    """Measures how much the peak memory of a fresh process grows over 10 million steps, in KiB (bytes on macOS)."""
    folder = str(Path(__file__).parent)
    done = subprocess.run([sys.executable, "-c", GROWTH], cwd=folder, capture_output=True, text=True, check=True)
    return int(done.stdout)


def starts() -> dict[str, object]:
    """Measures the start without and with compiled code on disk."""
    with tempfile.TemporaryDirectory() as cache:
        return {"cold_s": start_s(cache), "warm_s": median(start_s(cache) for _ in range(3))}


def report(rounds: int) -> dict[str, object]:
    """Measures everything."""
    load = os.getloadavg()[0]
    return {
        **beside_peers(rounds),
        **threads(rounds),
        "generate_ns": generate_ns(rounds),
        "perft5_s": perft_s(),
        "bytes_per_game": sum(array.nbytes for array in Games(64).state().values()) / 64,
        "growth_kb": growth_kb(),
        **starts(),
        "rounds": rounds,
        "load_before": load,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=7, help="rounds to take medians over (7)")
    parser.add_argument("--threads", action="store_true", help="measure two threads beside one, and nothing else")
    arguments = parser.parse_args()
    for name in ("cshogi", "rsshogi", "nshogi", "pgx"):
        if not arguments.threads and not find_spec(name):
            print(f"{name} is not installed and left out; `make benchmark-environment` installs it", file=sys.stderr)
    figures = threads(arguments.rounds) if arguments.threads else report(arguments.rounds)
    if arguments.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:24} {value:,.2f}" if isinstance(value, float) else f"{name:24} {value}")


if __name__ == "__main__":
    main()
