"""What planes of earlier positions cost: core46+history beside core46, stage by stage.

    python benchmarks/history.py [--json] [--rounds 9] [--markdown docs/results/history.md]

Both run in turn in this process, round after round; figures are medians over the rounds, ratios medians of the ratios
within a round. Kernels are timed by the thread's own time, play and learning by the clock. README.md beside this file
explains the keys.
"""

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
import torch

from keisei_core.benchmark.speed import spread_games
from keisei_core.distribution import Single
from keisei_core.plugins import read_settings
from keisei_core.run import Training
from keisei_core.shogi import Games, Starts
from keisei_core.testing import feature_set

PLAIN: Final = "core46"
WITH_HISTORY: Final = "core46+history"
SETS: Final = (PLAIN, WITH_HISTORY)
BATCH: Final = 256
SLICE_S: Final = 0.2
"""Time of a thread that each kernel runs in a round."""
WIDTHS: Final = (32, 64)
"""Channels of the networks that play and learn, three blocks each."""
NAMES: Final = {
    "step_ns": ("a step of a game", "ns"),
    "encode_ns": ("planes of a position, 256 at once", "ns"),
    "again_ns": ("a stored position taken out with its past", "ns"),
    "bytes_per_ply": ("a stored ply, 128 games x 32 plies", "bytes"),
    "bytes_per_game": ("a game in progress", "bytes"),
    "planes_bytes": ("planes of a position on their way to the device", "bytes"),
}
"""What each figure is, for the page."""

Figures = dict[str, list[float]]
"""By name, a figure of each round."""


def call_ns(call: Callable[[], object], positions: int) -> float:
    """Returns nanoseconds of this thread that a call takes for each of its positions."""
    call()
    started, calls = time.thread_time(), 0
    while (elapsed := time.thread_time() - started) < SLICE_S:
        call()
        calls += 1
    return elapsed / calls / positions * 1e9


class Kernels:
    """Games and planes of one set, without a network."""

    def __init__(self, name: str) -> None:
        self.features = feature_set(name)
        starts = Starts.standard(random_plies=200)
        self.games = Games(BATCH, starts=starts, history=self.features.needs.history)
        self.planes = self.features.encode(self.games.positions)

    def measure(self) -> dict[str, float]:
        """Returns the time of a step and of the planes."""
        games, encode = self.games, self.features.encode
        return {
            "step_ns": call_ns(lambda: games.step(games.sample()), BATCH),
            "encode_ns": call_ns(lambda: encode(games.positions, self.planes), BATCH),
        }


class Run:
    """A training over one set of planes."""

    def __init__(self, name: str, width: int) -> None:
        keys = {"input.features": name, "model.tower_width": width, "model.tower_depth": 3, "run.threads": 1}
        more = {"selfplay.games": 128, "selfplay.rollout_plies": 32, "learning.minibatch": 512}
        settings = read_settings(None, list({**keys, **more}.items()))
        self.training = Training(settings, Single(torch.device("cpu")))
        spread_games(self.training)
        self.measure()

    def measure(self) -> dict[str, float]:
        """Plays and learns once; returns speeds and memory."""
        segment, played = self.training.source.next(0, lambda: False)
        started = time.perf_counter()
        self.training.learner.update(segment, 0.0)
        learn_s = time.perf_counter() - started
        rows = np.random.default_rng(0).permutation(segment.num_plies)[:512]
        plies, state = segment.num_plies, self.training.source.games.state()
        return {
            "act": plies / played.act_s,
            "environment": plies / played.environment_s,
            "update": plies / learn_s,
            "all": plies / (played.act_s + played.environment_s + learn_s),
            "again_ns": call_ns(lambda: segment.positions_of(rows), len(rows)),
            "bytes_per_ply": segment.num_bytes / plies,
            "bytes_per_game": sum(array.nbytes for array in state.values()) / len(state["ending"]),
            "planes_bytes": self.training.features.num_channels * 81,
        }


def in_turn(contestants: dict[str, Kernels | Run], rounds: int) -> dict[str, Figures]:
    """Measures all in turn, round after round."""
    found: dict[str, Figures] = {name: {} for name in contestants}
    for _ in range(rounds):
        for name, contestant in contestants.items():
            for figure, value in contestant.measure().items():
                found[name].setdefault(figure, []).append(value)
    return found


def summary(found: dict[str, Figures]) -> dict[str, dict[str, float]]:
    """Returns for each figure both medians and the ratio of the second to the first."""
    first, second = found[PLAIN], found[WITH_HISTORY]
    return {
        figure: {
            PLAIN: median(values),
            WITH_HISTORY: median(second[figure]),
            "ratio": median(other / one for one, other in zip(values, second[figure], strict=True)),
        }
        for figure, values in first.items()
    }


def report(rounds: int) -> dict[str, object]:
    """Measures everything."""
    figures = summary(in_turn({name: Kernels(name) for name in SETS}, rounds))
    speeds: dict[str, dict[str, dict[str, float]]] = {}
    for width in WIDTHS:
        own = summary(in_turn({name: Run(name, width) for name in SETS}, rounds))
        speeds[f"3x{width}"] = {name: own.pop(name) for name in ("act", "environment", "update", "all")}
        figures |= own
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    versions = f"torch {torch.__version__}"
    return {"figures": figures, "plies_per_s": speeds, "rounds": rounds, "machine": f"{machine}, {versions}"}


def row(title: str, values: dict[str, float]) -> str:
    """Returns a line of a table."""
    return f"| {title} | {values[PLAIN]:,.0f} | {values[WITH_HISTORY]:,.0f} | {values['ratio']:.2f} |"


def page(found: dict[str, object]) -> str:
    """Writes the page of results."""
    figures, speeds = found["figures"], found["plies_per_s"]
    assert isinstance(figures, dict)
    assert isinstance(speeds, dict)
    head = ["| | `core46` | `core46+history` | ratio |", "|---|---|---|---|"]
    costs = [row(f"{what}, {unit}", figures[name]) for name, (what, unit) in NAMES.items()]
    titles = {"act": "acting", "environment": "environment", "update": "updating", "all": "all together"}
    plies = [row(f"{net}, {titles[part]}", values) for net, parts in speeds.items() for part, values in parts.items()]
    return PAGE.format(
        machine=found["machine"], rounds=found["rounds"], costs="\n".join(head + costs), plies="\n".join(head + plies)
    )


PAGE: Final = """# What planes of earlier positions cost

`python benchmarks/history.py --markdown docs/results/history.md` wrote this page: {rounds} rounds in which both take
turns in one thread, medians, and medians of the rounds' ratios; {machine},
which did other work too. Compare ratios, not figures.

`core46+history` shows eight positions in 354 planes, `core46` one in 46.

{costs}

Planes are kernels, and cheap beside any network. A stored ply keeps no earlier position: they are made again from the
plies before. What a segment keeps more is 672 bytes for each game that has plies in it, and as many for each position
after its last ply.

Plies a second of a whole training with a `resnet` of three blocks, 128 games x 32 plies, minibatches of 512, nothing
taught:

{plies}

What costs is the network's first convolution, which has 7.7 times as many channels to read, and their conversion to
float32. Its share falls as the network grows.
"""


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=9, help="rounds to take medians over (9)")
    parser.add_argument("--markdown", type=Path, help="a page to write")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    found = report(arguments.rounds)
    if arguments.markdown is not None:
        arguments.markdown.write_text(page(found), encoding="utf-8")
    print(json.dumps(found) if arguments.json else page(found))


if __name__ == "__main__":
    main()
