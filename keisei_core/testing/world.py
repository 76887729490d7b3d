"""A world of real processes for the contract of distribution backends: how it is started, and what is seen of it."""

import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

import attrs

from keisei_core.launching import Job, Launcher
from keisei_core.testing.part import MakeBackend
from keisei_core.testing.torchrun import torchrun

GRACE_S: Final = 2.0
"""How long a process that was ended may take for that."""


@attrs.frozen(kw_only=True)
class World:
    """How a number of processes is started."""

    size: int
    make: MakeBackend
    """Builds the backend in one of the processes; can be pickled where there is a launcher."""
    launch: Launcher | None
    """None where the world is this process alone, or where several are left to torchrun."""
    options: Any = None

    def run(self, work: Callable[..., int], *arguments: Any) -> int:
        """Runs work in every process and returns its exit code."""
        if self.launch is not None:
            return self.launch(Job(work=work, arguments=arguments, options=self.options))
        return work(*arguments) if self.size == 1 else torchrun(self.size, work, arguments)


@attrs.frozen(kw_only=True)
class Seen:
    """What was seen of a world."""

    code: int | None
    """What the launcher returned; None where it raised."""
    error: Exception | None
    ranks: Sequence[dict[str, Any]]
    """What each process wrote down, by rank."""
    survivors: Sequence[int]
    """Processes that were still there after the launcher came back."""


def see(
    world: World,
    work: Callable[..., int],
    device: str,
    limit_s: float,
    *more: Any,
    beside: Callable[[Path], AbstractContextManager[object]] = nullcontext,
) -> Seen:
    """Runs work in a world, for a limited time, and ends what it leaves behind.

    Args:
        world: where.
        work: called with what makes the backend, the device, the world's size and folder, and `more`.
        device: of the backend.
        limit_s: for all of it.
        more: further arguments of the work.
        beside: what goes on in this process meanwhile, with the world's folder.
    """
    with tempfile.TemporaryDirectory(prefix="keisei-world-") as place:
        folder, code, error = Path(place), None, None
        try:
            with limited(limit_s), beside(folder):
                code = world.run(work, world.make, device, world.size, folder, *more)
        except Exception as raised:
            error = raised
        ranks = [json.loads(path.read_text()) for path in sorted(folder.glob("rank-*.json"))]
    survivors = _survivors([rank["pid"] for rank in ranks if rank["pid"] != os.getpid()])
    for pid in survivors:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return Seen(code=code, error=error, ranks=ranks, survivors=survivors)


def _survivors(pids: Sequence[int]) -> list[int]:
    """Returns those processes that are still there after a moment of grace."""
    end = time.monotonic() + GRACE_S
    while alive := [pid for pid in pids if is_alive(pid)]:
        if time.monotonic() > end:
            break
        time.sleep(0.02)
    return alive


@contextmanager
def limited(limit_s: float) -> Iterator[None]:
    """Raises TimeoutError in the block once its time is up; only the main thread can be interrupted so."""

    def give_up(_: int, __: FrameType | None) -> NoReturn:
        raise TimeoutError(f"the processes did not end within {limit_s:g} s")

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def is_alive(pid: int) -> bool:
    """Tells whether a process runs; one that ended and was not yet asked for its exit code does not."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    with suppress(OSError):  # where there is no /proc, the signal below tells
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return sys.platform != "linux"
