"""Real runs to break: tiny, started as processes, killed, starved, damaged.

`make faults` runs everything here at full size and writes the table of docs/results/faults.md; the ordinary suite runs
the same tests with fewer repetitions.
"""

import json
import os
import platform
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.in_process import exit_code_of

FULL = os.environ.get("KEISEI_FAULTS") == "full"
REPORT = os.environ.get("KEISEI_FAULTS_REPORT")
CONFIG = """
[run]
plies = {plies}
threads = 1
device = "cpu"
lag = {lag}

[selfplay]
games = 8
rollout_plies = 8
max_plies = 40
pool_share = {pool}
pool_size = 2
pool_every_updates = 1

[learning]
minibatch = 32
max_skipped_steps = 5

[model]
{model}

[evaluation]
every_updates = {match_every}
games = {games}
final_games = {games}
max_plies = 60

[checkpoint]
every_updates = {save_every}
keep = {keep}

[tracking]
trackers = ["jsonl"]
sample_games = {sampled}
"""
TINY_MODEL = 'name = "resnet"\ntower_depth = 1\ntower_width = 8'
PLIES_PER_UPDATE = 64
ENDLESS = 10_000_000
PATIENCE_S = 240
"""A process that did not do by then what is waited for hangs."""

_FINDINGS: list[tuple[str, str, str]] = []


class Place:
    """A folder in which runs are started as processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started: list[subprocess.Popen[str]] = []
        self.environment: dict[str, str] = {}

    def config(self, **changes: object) -> Path:
        """Writes a config: `updates`, `model`, `match_every`, `games`, `save_every`, `keep`, `sampled`, `pool`,
        `lag`.
        """
        values = {
            "updates": ENDLESS,
            "model": TINY_MODEL,
            "match_every": 0,
            "games": 2,
            "save_every": 1,
            "keep": 3,
            "sampled": 4,
            "pool": 0.25,
            "lag": 0,
        }
        values |= changes
        path = self.folder / "tiny.toml"
        path.write_text(CONFIG.format(**values, plies=int(str(values["updates"])) * PLIES_PER_UPDATE))
        return path

    def start(self, *words: object, script: str = "", **how: Any) -> subprocess.Popen[str]:
        """Starts the command; `script` is Python that runs in the process before it, `how` is Popen's own."""
        entry = f"{script}\nimport sys\nfrom keisei_core.cli import main\nsys.exit(main())"
        log = (self.folder / f"log-{len(self.started)}").open("w+")
        how = {"stdout": log, "stderr": subprocess.STDOUT} | how
        process = subprocess.Popen(
            [sys.executable, "-c", entry, *map(str, words)],
            cwd=self.folder, text=True, env={**os.environ, **self.environment}, **how,
        )  # fmt: skip
        log.close()
        self.started.append(process)
        return process

    def said(self, process: subprocess.Popen[str]) -> str:
        """Returns what a process has written so far."""
        return (self.folder / f"log-{self.started.index(process)}").read_text()

    def finish(self, *words: object, script: str = "") -> tuple[int, str]:
        """Runs the command to its end; returns the exit code and what it said."""
        process = self.start(*words, script=script)
        return process.wait(timeout=PATIENCE_S), self.said(process)

    def call(self, *words: object) -> tuple[int, str]:
        """Runs the command to its end in this process, where torch is loaded; returns exit code and what it said."""
        said = StringIO()
        with chdir(self.folder), redirect_stdout(said), redirect_stderr(said):
            code = exit_code_of(*words)
        return code, said.getvalue()

    def wait_for(self, what: Callable[[], bool], process: subprocess.Popen[str]) -> None:
        """Waits until something is so; fails if the process ends before."""
        deadline = time.monotonic() + PATIENCE_S
        while not what():
            assert process.poll() is None, f"ended with {process.returncode}: {self.said(process)[-2000:]}"
            assert time.monotonic() < deadline, self.said(process)[-2000:]
            time.sleep(0.01)

    def begin(self, name: str = "r", after: int = 2, script: str = "", **changes: object) -> subprocess.Popen[str]:
        """Starts a run in the folder `name` and returns its process once so many updates are in its metrics."""
        process = self.start("run", self.config(**changes), "--run-dir", name, script=script)
        self.wait_for(lambda: self.num_updates(name) >= after, process)
        return process

    def made(self, name: str = "r", updates: int = 4, **changes: object) -> Path:
        """Returns the folder of a run that was made to its end."""
        code, said = self.call("run", self.config(updates=updates, **changes), "--run-dir", name)
        assert code == 0, said
        return self.folder / name

    def metrics(self, name: str = "r") -> list[dict[str, float]]:
        return [json.loads(line) for line in (self.folder / name / "metrics.jsonl").read_text().splitlines()]

    def num_updates(self, name: str = "r") -> int:
        path = self.folder / name / "metrics.jsonl"
        return path.read_bytes().count(b"\n") if path.exists() else 0

    def digests(self, name: str = "r") -> dict[int, Mapping[str, str]]:
        """Returns the SHA-256 of every file that has no clock in it, of each checkpoint by its update."""
        return {
            int(folder.name.removeprefix("update-")): {
                file: record["sha256"]
                for file, record in json.loads((folder / "manifest.json").read_text())["files"].items()
                if file != "state.json"
            }
            for folder in (self.folder / name / "checkpoints").iterdir()
            if not folder.suffix and (folder / "manifest.json").exists()  # else half removed
        }

    def newest(self, name: str = "r") -> int:
        folders = (self.folder / name / "checkpoints").iterdir()
        return max(int(folder.name.removeprefix("update-")) for folder in folders if not folder.suffix)

    def end_all(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.wait(timeout=60)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Somewhere to start runs; none outlives its test."""
    made = Place(tmp_path)
    yield made
    made.end_all()


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run of 4 updates with 3 checkpoints; only to be copied."""
    return Place(tmp_path_factory.mktemp("finished")).made(keep=3, match_every=2)


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    """A copy of a finished run, to be damaged."""
    return Path(shutil.copytree(finished, tmp_path / "run"))


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """Randomness that is the same in every session."""
    return random.Random(request.node.name)


@pytest.fixture
def times() -> Callable[[int, int], int]:
    """Chooses between the number of repetitions of the ordinary suite and that of `make faults`."""
    return lambda few, many: many if FULL else few


@pytest.fixture
def only_in_full() -> None:
    """Leaves a test out of the ordinary suite."""
    if not FULL:
        pytest.skip("only in `make faults`")


@pytest.fixture
def found(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Writes a line of the report: what was done, what came of it; or what the control showed."""

    def note(done: str, outcome: str) -> None:
        _FINDINGS.append((request.node.name.split("[")[0].removeprefix("test_").replace("_", " "), done, outcome))

    return note


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Writes the report of `make faults`."""
    if REPORT and _FINDINGS:
        rows = [f"| {rule} | {done} | {outcome} |" for rule, done, outcome in _FINDINGS]
        Path(REPORT).write_text("\n".join([*head(session), *rows]) + "\n", encoding="utf-8")


def head(session: pytest.Session) -> list[str]:
    passed = session.testscollected - session.testsfailed
    versions = f"Python {platform.python_version()}, torch {version('torch')}, {platform.system()}"
    return [
        "# Faults: what was done to real runs, and what came of it",
        "",
        "Written by `make faults`, which runs the tests in `tests/faults/` at full size. Every process is a real one,",
        "every signal, mount and damaged file too; each kind of fault has a control that shows its test can fail.",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} CPU cores, {versions}.",
        f"{passed} of {session.testscollected} tests did not fail{', THE OTHERS DID' * bool(session.testsfailed)}.",
        "",
        "| rule | what was done | what came of it |",
        "|---|---|---|",
    ]
