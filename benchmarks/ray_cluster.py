"""Measures runs in two processes that Ray placed beside the same runs under ddp, on two cores: plies per second, CPU
seconds of the processes for a ply, seconds to the first update, and whether the weights are the same.

Runs go in turn: ddp; ray on a cluster that runs already; ray without one, which starts its own.
"""

import hashlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from distribution import QUIET, WARM, arguments_of, ratio, sizes

from keisei_plugins_ray.cluster import cluster, import_ray

KINDS: Final = {"ddp": "ddp", "attached": "ray", "alone": "ray"}
"""What is measured, and the backend of each."""
LOOK_S: Final = 0.05
TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Prints a table, or JSON."""
    arguments = arguments_of(__doc__, rounds=5)
    result = measure(arguments.config, arguments.set, arguments.rounds, arguments.updates)
    print(json.dumps(result, indent=2) if arguments.is_json else table(result))


def measure(config: Path, assignments: list[str], rounds: int, updates: int) -> dict[str, Any]:
    """Runs everything in turn."""
    cores = sorted(os.sched_getaffinity(0))[:2]
    os.sched_setaffinity(0, cores)  # Ray's processes inherit it
    os.environ["OMP_NUM_THREADS"] = "1"
    games, rollout, _ = sizes(config, assignments)
    keys = {**QUIET, "run.plies": updates * games * rollout, "distribution.processes": 2}
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    load = os.getloadavg()[0]
    for _ in range(rounds):
        for kind in KINDS:
            with running_cluster(kind == "attached") as variables:
                command = command_of(config, assignments, {**keys, "distribution.name": KINDS[kind]})
                found[kind].append(one_run(command, variables))
    return {
        **{kind: medians(runs) for kind, runs in found.items()},
        "ratio_plies_per_s": ratio_of(found, "plies_per_s"),
        "ratio_cpu_s_per_ply": ratio_of(found, "cpu_s_per_ply"),
        "startup_beyond_ddp_s": {kind: beyond(found, kind) for kind in ("attached", "alone")},
        "equal_weights": len({run["weights"] for runs in found.values() for run in runs}) == 1,
        "rounds": rounds,
        "updates": updates,
        "load_before": load,
        "machine": f"{platform.machine()}, {len(cores)} of {os.cpu_count()} cores",
    }


@contextmanager
def running_cluster(is_wanted: bool) -> Iterator[dict[str, str]]:
    """While it is entered, a cluster runs; gives the variables by which commands find it. None where none is wanted."""
    if not is_wanted:
        yield {}
        return
    with cluster("", 2):
        yield {"RAY_ADDRESS": import_ray().get_runtime_context().gcs_address}


def command_of(config: Path, assignments: list[str], keys: Mapping[str, object]) -> list[str]:
    """Returns the command of a run in a folder `run`."""
    pairs = [*assignments, *(f"{key}={json.dumps(value)}" for key, value in keys.items())]
    options = [word for pair in pairs for word in ("--set", pair)]
    return [sys.executable, "-m", "keisei_core", "run", str(config.resolve()), "--run-dir", "run", *options]


def one_run(command: list[str], variables: Mapping[str, str]) -> dict[str, Any]:
    """Makes a run and returns what was measured of it."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as said:
        lines, used = Path(folder, "run", "metrics.jsonl"), dict[int, float]()
        started, first = time.monotonic(), 0.0
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **variables}, stdout=subprocess.DEVNULL, stderr=said
        )
        while process.poll() is None:
            used |= cpu_s_of_workers(folder)
            if not first and lines.exists() and "\n" in lines.read_text():
                first = time.monotonic() - started
            time.sleep(LOOK_S)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{' '.join(command)} ended with exit code {process.returncode}:\n{said.read()}")
        metrics = [json.loads(line) for line in lines.read_text().splitlines()]
        weights = max(Path(folder, "run", "checkpoints").glob("update-*")) / "weights.safetensors"
        begin, end = metrics[WARM - 1], metrics[-1]
        return {
            "plies_per_s": (end["plies"] - begin["plies"]) / (end["elapsed_s"] - begin["elapsed_s"]),
            "cpu_s_per_ply": sum(used.values()) / end["plies"],
            "first_update_s": first,
            "weights": hashlib.sha256(weights.read_bytes()).hexdigest(),
        }


def cpu_s_of_workers(folder: str) -> dict[int, float]:
    """Returns the CPU seconds so far of the processes that train in a folder, by their ids."""
    found = {}
    for entry in Path("/proc").iterdir():
        with suppress(OSError):
            if not entry.name.isdecimal() or os.readlink(entry / "cwd") != folder:
                continue
            if b"keisei_core.launching" in (entry / "cmdline").read_bytes():
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                found[int(entry.name)] = (int(fields[11]) + int(fields[12])) * TICK_S
    return found


def medians(runs: list[dict[str, Any]]) -> dict[str, float]:
    """Returns the medians of what was measured of one kind."""
    return {key: statistics.median(run[key] for run in runs) for key in runs[0] if key != "weights"}


def ratio_of(found: Mapping[str, list[dict[str, Any]]], key: str) -> float:
    """Returns the median of the rounds' ratios of ray, attached, over ddp."""
    return ratio([run[key] for run in found["attached"]], [run[key] for run in found["ddp"]])


def beyond(found: Mapping[str, list[dict[str, Any]]], kind: str) -> float:
    """Returns by how many seconds the first update comes later than under ddp, as the rounds' median."""
    pairs = zip(found[kind], found["ddp"], strict=True)
    return statistics.median(one["first_update_s"] - other["first_update_s"] for one, other in pairs)


def table(result: Mapping[str, Any]) -> str:
    """Writes the result for people."""
    names = {"ddp": "ddp", "attached": "ray, on a running cluster", "alone": "ray, on its own cluster"}
    lines = [f"{'':<26}  plies/s  CPU ms/ply  first update"]
    for kind, name in names.items():
        row = result[kind]
        figures = f"{row['plies_per_s']:>7,.0f}  {1000 * row['cpu_s_per_ply']:>10.3f}  {row['first_update_s']:>10.1f} s"
        lines.append(f"{name:<26}  {figures}")
    later = result["startup_beyond_ddp_s"]
    return "\n".join(
        [
            *lines,
            f"ray over ddp: plies/s {result['ratio_plies_per_s']:.3f}, CPU a ply {result['ratio_cpu_s_per_ply']:.3f}; "
            f"start-up {later['attached']:+.1f} s attached, {later['alone']:+.1f} s alone; "
            f"weights {'equal' if result['equal_weights'] else 'DIFFERENT'}",
            f"{result['machine']}, load before {result['load_before']:.2f}, {result['rounds']} rounds",
        ]
    )


if __name__ == "__main__":
    main()
