"""What the processes of a run are to do, and on what."""

import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

import attrs

Work = Callable[..., int]
FILE: Final = "job.pickle"


@attrs.frozen(kw_only=True)
class Job:
    """One command's work in every process of a run, and what a launcher has to know about it."""

    work: Work
    """A function of a module; it builds the backend, which is this process's own where a launcher started it."""
    arguments: tuple[Any, ...] = ()
    """Can be pickled."""
    options: Any = None
    """The backend's."""
    run_dir: Path | None = None
    """Absolute; where rank 0 reads and writes, so that rank 0 has to be where this folder is. None: nothing is kept."""
    device: str = "cpu"
    """`[run] device`: cpu, cuda or auto."""
    threads: int = 0
    """`[run] threads` of each process; 0 lets those of a machine share its cores."""

    def pickled(self) -> bytes:
        """Returns what a worker does, for `write_job` on its machine."""
        return pickle.dumps((self.work, self.arguments))


class Launcher(Protocol):
    """What the target of a backend has as its attribute `launch` where a run has more than this process."""

    def __call__(self, job: Job) -> int:
        """Runs the job's work in every process of the run and returns its exit code.

        Raises:
            DistributionError: a process failed, froze or never joined.
            KeiseiError: what the work raised in the process that failed first.
        """
        ...


def write_job(folder: Path, pickled: bytes) -> None:
    """Writes what the workers of this machine do, behind where they find their modules.

    Args:
        folder: this user's alone.
        pickled: see `Job.pickled`.
    """
    with (folder / FILE).open("wb") as file:
        pickle.dump(sys.path, file)
        file.write(pickled)


def read_job(folder: Path) -> tuple[Work, tuple[Any, ...]]:
    """Reads work and arguments, after taking over where the launcher finds its modules."""
    with (folder / FILE).open("rb") as file:
        sys.path[:] = pickle.load(file)
        work, arguments = pickle.load(file)
        return work, arguments
