"""One process compiles while the others wait; what it says meanwhile."""

import fcntl
import logging
import time
from functools import cache
from pathlib import Path
from typing import Final, TextIO, cast

MAX_WAIT_S: Final = 120.0
"""A process that holds the lock longer is taken for hung, and no longer waited for."""

logger = logging.getLogger("keisei")
_told: set[str] = set()
"""Topics of which this process has spoken."""


class CompileLock:
    """A lock between processes in a cache folder. The system gives it back when a process dies.

    Within the process it may be taken again while it is held.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._path = folder / f"{name}.lock"
        self._file: TextIO | None = None
        self._depth = 0

    def acquire(self) -> None:
        """Waits until no other process holds it."""
        self._depth += 1
        if self._depth > 1:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w")
            self._wait(time.monotonic() + MAX_WAIT_S)
        except OSError as error:
            # Some network file systems have no locks; compiling twice is the lesser harm.
            logger.debug("no lock on %s: %s", self._path, error)

    def _wait(self, give_up_at: float) -> None:
        while True:
            try:
                fcntl.flock(cast(TextIO, self._file), fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > give_up_at:
                    raise
                announce("waiting", "waiting for another process that compiles kernels for this machine")
                time.sleep(0.1)

    def attempt(self) -> bool:
        """Takes it if no process holds it, this one included; says whether it did."""
        if self._depth:
            return False
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w")
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            logger.debug("no lock on %s: %s", self._path, error)
            if self._file is not None:
                self._file.close()
                self._file = None
            return False
        self._depth = 1
        return True

    def release(self) -> None:
        """Lets the next process in, unless the lock was taken more often than given back."""
        self._depth -= 1
        if self._depth == 0 and self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


@cache
def lock_of(folder: Path, name: str) -> CompileLock:
    """Returns the one lock of this process that is called so: a kernel's, or that of whoever compiles all."""
    return CompileLock(folder, name)


def announce(topic: str, message: str) -> None:
    """Says, once in a process for each topic, why nothing seems to happen."""
    if topic not in _told:
        _told.add(topic)
        logger.warning(message)
