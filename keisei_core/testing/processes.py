"""Commands that a test starts, and the workers of a run, which have sessions of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

LAUNCHERS: Final = ("RANK", "WORLD_SIZE", "LOCAL_", "MASTER_", "TORCHELASTIC_")
"""How the environment variables begin by which a launcher gives a process its place."""
ENDS_S: Final = 60


class Processes:
    """Commands of one test; none of them outlives it, nor does what they started."""

    def __init__(self, without: tuple[str, ...] = ()) -> None:
        """Starts nothing.

        Args:
            without: how further environment variables begin that no command is to have.
        """
        self.without = without
        self.started: list[subprocess.Popen[str]] = []

    def start(
        self, *words: object, prefix: tuple[str, ...] = (), cwd: Path | None = None, **variables: object
    ) -> subprocess.Popen[str]:
        """Starts Python in a session of its own.

        Args:
            words: what follows `python`.
            prefix: a command that ends by becoming this one, such as `ip netns exec`.
            cwd: its folder.
            variables: of its environment, beside those of this process.
        """
        process = subprocess.Popen(
            [*prefix, sys.executable, *map(str, words)],
            env=unled(variables, self.without),
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def keisei(
        self, *words: object, prefix: tuple[str, ...] = (), cwd: Path | None = None, **variables: object
    ) -> subprocess.Popen[str]:
        """Starts the command; see `start`."""
        return self.start("-m", "keisei_core", *words, prefix=prefix, cwd=cwd, **variables)

    def close(self) -> None:
        """Ends what still runs."""
        for process in self.started:
            if process.poll() is None:
                for pid in descendants(process.pid):
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            end_session(process)


def unled(variables: Mapping[str, object], without: tuple[str, ...] = ()) -> dict[str, str]:
    """Returns this process's environment as if no launcher had been there, for one thread, and with more variables.

    Args:
        variables: are added.
        without: how further variables begin that are left out.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith((*LAUNCHERS, *without))}
    return own | {"OMP_NUM_THREADS": "1"} | {name: str(value) for name, value in variables.items()}


def end_session(process: subprocess.Popen[str]) -> None:
    """Ends a process that began a session, and what it started there."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=ENDS_S)


def workers_of(launcher: int) -> dict[int, int]:
    """Returns the processes that a process started as workers of a run, by rank."""
    return {rank: pid for pid, parent, rank, _ in _workers() if parent == launcher}


def workers_in(folder: Path) -> dict[int, int]:
    """Returns the processes that work in a folder as workers of a run, whoever started them, by rank."""
    return {rank: pid for pid, _, rank, cwd in _workers() if cwd == str(folder)}


def _workers() -> Iterator[tuple[int, int, int, str]]:
    """Yields process, parent, rank and folder of every worker on this machine."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            is_worker = b"keisei_core.launching" in (entry / "cmdline").read_bytes().split(b"\0")
            variables = (entry / "environ").read_bytes().split(b"\0")
            cwd = os.readlink(entry / "cwd")
        except OSError:  # gone meanwhile, or another user's
            continue
        ranks = [int(each[5:]) for each in variables if each.startswith(b"RANK=")]
        if is_worker and ranks:
            yield int(entry.name), parent_of(int(entry.name)), ranks[0], cwd


def descendants(pid: int) -> set[int]:
    """Returns a process, all that it started, and what those started."""
    parents = {each: parent_of(each) for each in map(int, filter(str.isdecimal, os.listdir("/proc")))}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def parent_of(pid: int) -> int:
    """Returns the process that a process is a child of; 0 where it is gone."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    except OSError:
        return 0
