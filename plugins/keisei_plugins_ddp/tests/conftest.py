"""Real processes in groups: started by hand with the variables that every launcher sets, or by the command itself."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
PARTS = HERE / "parts"
LONG = os.environ.get("KEISEI_DISTRIBUTED") == "1"

CONFIG = """
[run]
plies = {plies}
threads = 1
device = "cpu"

[model]
name = "baseline"
channels = 2

[distribution]
name = "ddp"
processes = 2

[selfplay]
games = 8
rollout_plies = 8
max_plies = 40

[learning]
minibatch = 32

[evaluation]
every_updates = 0
final_games = 2
max_plies = 20

[checkpoint]
every_updates = 2
"""


def pytest_configure(config: pytest.Config) -> None:
    """Registers the mark of the long proofs."""
    config.addinivalue_line("markers", "distributed: a long proof on real processes, run by make distributed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves the long proofs to `make distributed`."""
    for item in items:  # of the whole session, other plugins' too
        if item.path.is_relative_to(HERE) and item.get_closest_marker("distributed") and not LONG:
            item.add_marker(pytest.mark.skip(reason="a long proof on real processes; run by make distributed"))


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., Path]:
    """Writes a config for a run of so many updates; further lines are added at its end."""

    def write(updates: int, more: str = "") -> Path:
        path = tmp_path / "tiny.toml"
        path.write_text(CONFIG.format(plies=updates * 64) + more)
        return path

    return write


@pytest.fixture
def group() -> Iterator["Group"]:
    group = Group()
    yield group
    group.close()


class Group:
    """The processes of one test; none of them outlives it."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[str]] = []

    def start(
        self, *command: object, prefix: tuple[str, ...] = (), cwd: Path | None = None, **environment: object
    ) -> Any:
        """Starts a process of its own session, which ends with the test."""
        clean = {name: value for name, value in os.environ.items() if name not in ("RANK", "WORLD_SIZE")}
        process = subprocess.Popen(
            [*prefix, sys.executable, *map(str, command)],
            env=clean | {"OMP_NUM_THREADS": "1"} | {name: str(value) for name, value in environment.items()},
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def member(self, rank: int, world_size: int, address: str, port: int, *command: object, **more: Any) -> Any:
        """Starts a process as one of a group."""
        place = {"RANK": rank, "WORLD_SIZE": world_size, "MASTER_ADDR": address, "MASTER_PORT": port}
        return self.start(*command, **place, **more)

    def keisei(self, *words: object, cwd: Path, **more: Any) -> Any:
        """Starts the command."""
        return self.start("-m", "keisei_core", *words, cwd=cwd, **more)

    def close(self) -> None:
        """Ends what still runs, workers included, which have sessions of their own."""
        for process in self.processes:
            for pid in [*children(process.pid), process.pid]:
                if process.poll() is None:
                    os.kill(pid, signal.SIGKILL)
            process.communicate(timeout=30)


def children(pid: int) -> dict[int, int]:
    """Returns the workers that a process started, by rank, as {pid: rank}... ordered by rank."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                variables = (entry / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            ranks = [int(variable[5:]) for variable in variables if variable.startswith(b"RANK=")]
            if parent == pid and ranks:
                found[int(entry.name)] = ranks[0]
    return found


@pytest.fixture
def worker_of() -> Callable[[Any, int], int]:
    """Finds the process of a rank among the workers that a command started."""

    def find(process: Any, rank: int) -> int:
        return next(pid for pid, its_rank in children(process.pid).items() if its_rank == rank)

    return find


@pytest.fixture
def workers_of() -> Callable[[Any], set[int]]:
    """Finds all workers that a command started."""
    return lambda process: set(children(process.pid))


@pytest.fixture
def updates_in() -> Callable[[Path], int]:
    """Counts the updates that a run has logged."""

    def count(run: Path) -> int:
        path = run / "metrics.jsonl"
        return path.read_text().count("\n") if path.exists() else 0

    return count


@pytest.fixture
def wait_until() -> Callable[..., None]:
    """Waits for something to become true, and fails if it does not within a minute or so."""

    def wait(is_so: Callable[[], bool], seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.05)

    return wait
