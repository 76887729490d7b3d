"""Two hosts of a made-up cluster: network namespaces with files of their own; and the report of `make clusters`."""

import os
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.clusters.schedulers import ADDRESSES, Host

ROOT = Path(__file__).parents[2]
REPORT = os.environ.get("KEISEI_CLUSTERS_REPORT")
LONG = os.environ.get("KEISEI_DISTRIBUTED") == "1"
HEAD = """# Clusters: files that start a run on several hosts, and what kills cost

Written by tests/clusters (`make clusters` asks for 20 kills of each file; the table has how many were made). The files
of docs/examples/clusters are started on two hosts: network namespaces of one machine, the second with a read-only
empty disk in the place of the run folder. The schedulers are made up. They start
the tasks or pods of a file as it stands, with the variables that SLURM and Kubernetes set, send signals to one of them
at random times, and start them again as the file's own policy says. The weights at the end are compared with those of a
run that nobody killed; seconds are those of a machine that does other work too.
"""
COLUMNS = (
    "file", "SIGKILL to rank 0, to rank 1", "SIGTERM to one", "updates", "most updates lost by a kill",
    "the other rank ended after a kill, median and longest", "first new update after a start, median and longest",
    "weights at the end",
)  # fmt: skip
_ROWS: list[str] = []


@pytest.fixture
def hosts(tmp_path: Path) -> Iterator[list[Host]]:
    """Two hosts that reach each other by their addresses; the second finds an empty folder where the first has runs."""
    if not LONG:
        pytest.skip("a long proof on real processes; run by make clusters")
    names = [f"cluster{os.getpid()}{end}" for end in "ab"]
    cables = [f"c{name[7:]}" for name in names]
    runs = tmp_path / "runs"
    runs.mkdir()
    made: list[str] = []
    try:
        try:
            for name in names:
                ip("netns", "add", name)
                made.append(name)
            ip("link", "add", cables[0], "netns", names[0], "type", "veth", "peer", cables[1], "netns", names[1])
            for name, cable, address in zip(names, cables, ADDRESSES, strict=True):
                ip("-n", name, "addr", "add", f"{address}/24", "dev", cable)
                ip("-n", name, "link", "set", cable, "up")
                ip("-n", name, "link", "set", "lo", "up")
        except (OSError, subprocess.SubprocessError) as error:
            cause = getattr(error, "stderr", b"") or b""
            reason = f"network namespaces can't be made here: {cause.decode().strip() or error}"
            if REPORT:
                pytest.fail(f"{reason}; make clusters needs root")
            pytest.skip(reason)
        yield [Host(names[0], None), Host(names[1], runs)]
    finally:
        for name in made:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True, timeout=20)


def ip(*words: str) -> None:
    """Changes the network."""
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=20)


@pytest.fixture
def found() -> Callable[[Iterable[object]], None]:
    """Writes a row of the report."""
    return lambda cells: _ROWS.append(row(cells))


def row(cells: Iterable[object]) -> str:
    """Returns a row of a table in Markdown."""
    return f"| {' | '.join(map(str, cells))} |"


def pytest_sessionfinish() -> None:
    """Writes the report of `make clusters`."""
    if REPORT and _ROWS:
        Path(REPORT).write_text("\n".join([*head(), *_ROWS]) + "\n", encoding="utf-8")


def head() -> list[str]:
    versions = f"Python {platform.python_version()}, torch {version('torch')}, {platform.system()}"
    where = f"{os.cpu_count()} CPU cores, load {os.getloadavg()[0]:.0f}, {versions}"
    return [
        HEAD,
        f"{datetime.now(UTC):%Y-%m-%d}, commit {commit()}, {where}.",
        "",
        row(COLUMNS),
        row(["---"] * len(COLUMNS)),
    ]


def commit() -> str:
    """Returns the commit that is checked out."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    command = [git, "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip() or "unknown"
