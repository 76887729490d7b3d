"""Everything that is to be known of a GPU, in one command of at most eight minutes: `make gpu-check`.

    python benchmarks/gpu_check.py [--json] [--out docs/results/gpu.json]

Speed, share of the bare network, how busy the GPU is and its memory for three networks; a group of one process over
nccl; whether a run that was stored goes on bit for bit; the demo run's score. Each stage runs in a process of its own,
which is ended where it takes longer than its share. README.md beside this file explains the keys.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import torch

LIMIT_S: Final = 480.0
STAGES: Final[Mapping[str, float]] = {
    "resume": 50.0,
    "4x64": 60.0,
    "10x128": 75.0,
    "20x256": 110.0,
    "ddp": 50.0,
    "demo": 130.0,
}
"""Seconds of each, start of its process included."""
START_S: Final = 15.0
"""Of a stage's time what its process takes before it measures, and after."""
OUT: Final = Path(__file__).parents[1] / "docs" / "results" / "gpu.json"
LEAST: Final = 0.85
"""Share of the bare network that self-play and update should reach each."""
BUSY: Final = 0.8
PLIES_PER_S: Final[Mapping[str, float]] = {"4x64": 150_000, "20x256": 15_000}
"""Playing and learning together; the smaller network is taught at a quarter of the plies."""

Found = dict[str, Any]


def stage(name: str, limit_s: float, is_tiny: bool) -> Found:
    """Runs one stage in this process."""
    import gpu_stages

    left_s = max(limit_s - START_S, 1.0)
    if name == "resume":
        return gpu_stages.resume(is_tiny)
    if name == "ddp":
        return gpu_stages.ddp(is_tiny)
    if name == "demo":
        return gpu_stages.demo(is_tiny, minutes=left_s / 2 / 60)
    # Half of the time: the last round that begins may take as long as all before it.
    return gpu_stages.speed(name, left_s / 2, is_tiny)


def in_a_process(name: str, limit_s: float) -> Found:
    """Runs one stage in a process that is ended after its time; says what went wrong under `error`."""
    command = [sys.executable, __file__, "--stage", name, "--limit", str(limit_s)]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=limit_s, check=False)
    except subprocess.TimeoutExpired:
        return {"error": f"not done within {limit_s:.0f} s"}
    if done.returncode:
        return {"error": f"ended with exit code {done.returncode}; its message stands above"}
    found: Found = json.loads(done.stdout)
    return found


def measure(limit_s: float = LIMIT_S) -> dict[str, Found]:
    """Runs all stages within a time; one that has less than its start left is not begun."""
    started, found = perf_counter(), {}
    for name, share_s in STAGES.items():
        left_s = limit_s - (perf_counter() - started)
        print(f"{name}: at most {min(share_s, left_s):.0f} s", file=sys.stderr, flush=True)
        enough = left_s > START_S
        found[name] = (
            in_a_process(name, min(share_s, left_s)) if enough else {"error": f"no time left of {limit_s:.0f} s"}
        )
    return found


def goals(found: Mapping[str, Found]) -> list[tuple[str, str, bool | None]]:
    """Returns each goal with what was found, and whether it is met; None where it was not measured."""
    rows: list[tuple[str, str, bool | None]] = []

    def judge(text: str, value: float | None, least: float) -> None:
        rows.append(
            (text, "not measured" if value is None else f"{value:,.2f}", None if value is None else value >= least)
        )

    for name in ("4x64", "10x128", "20x256"):
        cell, speed = found.get(name, {}), found.get(name, {}).get("speed", {})
        if name in PLIES_PER_S:
            judge(f"{name}: at least {PLIES_PER_S[name]:,.0f} plies/s in all", speed.get("plies"), PLIES_PER_S[name])
        judge(f"{name}: self-play at least {LEAST} of the bare network", speed.get("selfplay_share"), LEAST)
        judge(f"{name}: update at least {LEAST} of the bare network", speed.get("update_share"), LEAST)
        judge(f"{name}: GPU busy at least {BUSY}", cell.get("busy"), BUSY)
    equal, carrier = found.get("resume", {}).get("is_equal"), found.get("ddp", {}).get("carrier")
    rows.append(("a stored run goes on bit for bit", "not measured" if equal is None else str(equal).lower(), equal))
    rows.append(("--ddp with one process over nccl", carrier or "not measured", "nccl" in carrier if carrier else None))
    low = found.get("demo", {}).get("result", {}).get("low")
    judge("the demo run beats alphabeta of depth 1: low end of the score's interval above .5", low, 0.5)
    return rows


def table(found: Mapping[str, Found]) -> str:
    """Writes what was measured of the networks, the other stages, and the goals."""
    columns = "plies/s | self-play plies/s, share | update plies/s, share | GPU busy, idle | memory: self-play, update"
    lines = [f"| | {columns} |"]
    lines.append("|---|---:|---:|---:|---:|---:|")
    lines += [row(name, found.get(name, {})) for name in ("4x64", "10x128", "20x256")]
    lines.append("")
    for name in ("resume", "ddp", "demo"):
        lines.append(f"{name}: {summary(name, found.get(name, {}))}")
    lines.append("")
    words = {True: "PASS", False: "FAIL", None: "not measured"}
    return "\n".join([*lines, *(f"{words[met]:<12}  {text}: {value}" for text, value, met in goals(found))])


def row(name: str, cell: Found) -> str:
    """Writes the line of a network."""
    if "speed" not in cell:
        return f"| {name} | {cell.get('error', 'not measured')} | | | | |"
    speed, memory, busy = cell["speed"], cell["memory"], cell["busy"]
    return (
        f"| {name} | {speed['plies']:,.0f} | {speed['selfplay_plies']:,.0f}, {speed['selfplay_share']:.2f}"
        f" | {speed['update_plies']:,.0f}, {speed['update_share']:.2f}"
        f" | {'not measured' if busy is None else f'{busy:.2f}, {1 - busy:.2f}'}"
        f" | {'not measured' if memory is None else ', '.join(f'{one / 2**30:.1f} GiB' for one in memory.values())} |"
    )


def summary(name: str, found: Found) -> str:
    """Says in a few words what came of a stage that is no network's."""
    if "error" in found or not found:
        return str(found.get("error", "not measured"))
    if name == "resume":
        mended = found["is_equal_with_deterministic_kernels"]
        return f"equal {found['is_equal']}, with deterministic kernels {mended}"
    if name == "ddp":
        return f"two updates and a match over {found['carrier']}"
    result = found["result"]
    return (
        f"{found['plies']:,.0f} plies in {found['elapsed_s']:.0f} s, score {result['score']:.2f} over {result['games']}"
    )


def main(words: Sequence[str] | None = None) -> int:
    """Measures, prints, writes; 0 where every goal is met, 1 where one is not, 2 where there is no GPU."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON in place of the table")
    parser.add_argument("--out", type=Path, default=OUT, help="where the JSON is written")
    parser.add_argument("--stage", choices=STAGES, help=argparse.SUPPRESS)
    parser.add_argument("--limit", type=float, default=LIMIT_S, help=argparse.SUPPRESS)
    arguments = parser.parse_args(words)
    if not torch.cuda.is_available():
        print(
            f"there is no GPU here: torch {torch.__version__} sees none. Nothing was measured, and {arguments.out} is "
            "as it was. On a machine with a GPU, install a torch that was built for its CUDA",
            file=sys.stderr,
        )
        return 2
    if arguments.stage:
        print(json.dumps(stage(arguments.stage, arguments.limit, is_tiny=False)))
        return 0
    started = perf_counter()
    found = measure()
    whole = {"stages": found, "goals": goals(found), "seconds": perf_counter() - started}
    arguments.out.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(whole, indent=2) if arguments.json else table(found))
    return 0 if all(met for _, _, met in whole["goals"]) else 1


if __name__ == "__main__":
    sys.exit(main())
