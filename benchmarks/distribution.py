"""Measures whole runs in two processes on two cores beside one process pinned to one core: plies per second.

Acting, rules, learning and the exchange of gradients count, as the runs' own metrics have them; starting up and the
first updates don't.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[1]
WARM: Final = 2
"""Updates at the beginning of a run that don't count."""
QUIET: Final = {
    "run.device": "cpu",
    "run.threads": 1,
    "run.minutes": 0,
    "evaluation.every_updates": 0,
    "evaluation.final_games": 2,
    "evaluation.max_plies": 10,
    "checkpoint.every_updates": 1_000_000,
}
"""Nothing but updates."""


def main() -> None:
    """Prints a table, or JSON."""
    arguments = arguments_of(__doc__, rounds=3)
    result = measure(arguments.config, arguments.set, arguments.rounds, arguments.updates)
    print(json.dumps(result, indent=2) if arguments.is_json else table(result))


def arguments_of(description: str | None, rounds: int) -> argparse.Namespace:
    """Reads the command line of a benchmark that makes kinds of runs in turn, `rounds` times if not told otherwise."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("config", nargs="?", type=Path, default=ROOT / "keisei.toml")
    parser.add_argument("--rounds", type=int, default=rounds, help="each kind of run so often, in turn")
    parser.add_argument("--updates", type=int, default=12, help="updates of a run")
    parser.add_argument("--set", action="append", default=[], metavar="TABLE.KEY=VALUE", help="as for keisei run")
    parser.add_argument("--json", action="store_true", dest="is_json")
    return parser.parse_args()


def measure(config: Path, assignments: list[str], rounds: int, updates: int) -> dict[str, Any]:
    """Runs everything in turn."""
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        raise SystemExit("expected two cores that this process may use, got one; ratios would mean nothing")
    games, rollout, minibatch = sizes(config, assignments)
    small = {"run.plies": updates * games * rollout}
    wide = {
        "run.plies": 2 * updates * games * rollout,
        "selfplay.games": 2 * games,
        "learning.minibatch": 2 * minibatch,
    }
    two = {"distribution.name": "ddp", "distribution.processes": 2}
    kinds: dict[str, tuple[Mapping[str, object], Collection[int]]] = {
        "one_process_one_core": ({**small, "distribution.name": "single"}, cores[:1]),
        "two_processes": ({**small, **two}, cores),
        "two_processes_wide": ({**wide, **two}, cores),
    }
    speeds: dict[str, list[float]] = {name: [] for name in kinds}
    load = os.getloadavg()[0]
    for _ in range(rounds):
        for name, (keys, allowed) in kinds.items():
            speeds[name].append(plies_per_s(config, assignments, {**QUIET, **keys}, allowed))
    alone = speeds["one_process_one_core"]
    return {
        "plies_per_s": {name: statistics.median(values) for name, values in speeds.items()},
        "ratio": ratio(speeds["two_processes"], alone),
        "ratio_wide": ratio(speeds["two_processes_wide"], alone),
        "games": games,
        "minibatch": minibatch,
        "updates": updates,
        "rounds": rounds,
        "load_before": load,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


def sizes(config: Path, assignments: list[str]) -> tuple[int, int, int]:
    """Returns the config's games, plies of a rollout, and minibatch."""
    from keisei_core.config.document import parse_assignment
    from keisei_core.plugins import read_settings

    settings = read_settings(config, [parse_assignment(text) for text in assignments])
    return settings.selfplay.games, settings.selfplay.rollout_plies, settings.learning.minibatch


def ratio(ours: list[float], theirs: list[float]) -> float:
    """Returns the median of the rounds' ratios."""
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


def plies_per_s(config: Path, assignments: list[str], keys: Mapping[str, object], cores: Collection[int]) -> float:
    """Makes one run on some cores and returns its speed after the first updates."""
    pairs = [*assignments, *(f"{key}={json.dumps(value)}" for key, value in keys.items())]
    options = [word for pair in pairs for word in ("--set", pair)]
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        command = [sys.executable, "-m", "keisei_core", "run", str(config), "--run-dir", str(run), *options]
        done = subprocess.run(
            command,
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
            preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(command)} ended with exit code {done.returncode}:\n{done.stderr}")
        lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    first, last = lines[WARM - 1], lines[-1]
    return float((last["plies"] - first["plies"]) / (last["elapsed_s"] - first["elapsed_s"]))


def table(result: Mapping[str, Any]) -> str:
    """Writes the result for people."""
    speeds = result["plies_per_s"]
    wide = f"{2 * result['games']} games, minibatch {2 * result['minibatch']}"
    rows = [
        ("1 process on 1 core", speeds["one_process_one_core"], 1.0),
        ("2 processes on 2 cores, the same config", speeds["two_processes"], result["ratio"]),
        (f"2 processes on 2 cores, {wide}", speeds["two_processes_wide"], result["ratio_wide"]),
    ]
    lines = [f"{'':<58}  plies/s  ratio"]
    lines += [f"{name:<58}  {speed:>7,.0f}  {share:>5.2f}" for name, speed, share in rows]
    return "\n".join(
        [*lines, f"{result['machine']}, load before {result['load_before']:.2f}, {result['rounds']} rounds"]
    )


if __name__ == "__main__":
    main()
