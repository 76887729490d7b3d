"""Keisei's commands as the experiments give them, each in a process of its own."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

KEISEI: Final = (sys.executable, "-m", "keisei_core")


def keisei(*arguments: str, log: Path | None = None) -> str:
    """Runs a command and returns what it printed; its messages go to the log, or through.

    Raises:
        SystemExit: it failed or was stopped, with its exit code.
    """
    with open(os.devnull if log is None else log, "a", encoding="utf-8") as messages:
        done = subprocess.run(
            [*KEISEI, *arguments], stdout=subprocess.PIPE, stderr=messages if log else None, text=True, check=False
        )
    if done.returncode:
        print(f"keisei {' '.join(arguments)} ended with {done.returncode}; see {log or 'above'}", file=sys.stderr)
        raise SystemExit(done.returncode)
    return done.stdout


def train(recipe: Path, folder: Path, changes: Mapping[str, Any], start: Path | None = None) -> None:
    """Makes a run in a folder, or goes on with the one there; nothing if that is complete.

    Args:
        recipe: its config.
        folder: of the run.
        changes: keys of the config that are set.
        start: a run whose last network it begins with, or an exported network, migrated to what the config asks for;
            None begins with a new one.

    Raises:
        SystemExit: the run failed or was stopped.
    """
    if not is_complete(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        sets = [part for key, value in changes.items() for part in ("--set", f"{key}={toml(value)}")]
        begun = (folder / "config.toml").exists()
        origin = () if start is None else ("--from", str(start), "--migrate")
        command = ("resume", str(folder)) if begun else ("run", str(recipe), "--run-dir", str(folder), *origin, *sets)
        keisei(*command, log=beside(folder, "log"))
    if not is_complete(folder):
        raise SystemExit(f"{folder} was stopped in its last match; start again to go on")


def match_of(one: str, other: str, games: int, seed: int, *arguments: str) -> dict[str, Any]:
    """Plays a match of two players, greedy and kept from repetition where they are networks; returns its report."""
    command = ("match", one, other, "--games", str(games), "--seed", str(seed), "--json", *arguments)
    report: dict[str, Any] = json.loads(keisei(*command))
    return report


def is_complete(folder: Path) -> bool:
    """Tells whether a run is over, its last match included."""
    return (folder / "result.json").exists()


def beside(folder: Path, ending: str) -> Path:
    """Returns the path of a file beside a folder, whose name may have dots."""
    return folder.parent / f"{folder.name}.{ending}"


def toml(value: Any) -> str:
    """Writes a value as TOML."""
    return json.dumps(value) if isinstance(value, (bool, str, list)) else str(value)


def metrics_of(folder: Path) -> list[dict[str, Any]]:
    """Reads a run's updates, oldest first."""
    lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def where() -> dict[str, str]:
    """Says on what machine, with which versions and at which commit; the mark -dirty means changed since."""
    described = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {cpu_model()}",
        "python": platform.python_version(),
        "torch": version("torch"),
        "commit": described.stdout.strip(),
    }


def cpu_model() -> str:
    """Returns the processor's name as Linux tells it, or what Python knows."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )
