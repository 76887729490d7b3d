"""The engine's own way out: a copy of file descriptor 1, which is stderr from then on, and the log where one is wanted.

Whatever a library prints must not reach the user interface, and who never reads stderr must not bring us to a stop.
"""

import os
import stat
import threading
import time
from contextlib import suppress
from typing import Final

STDOUT: Final = 1
STDERR: Final = 2
FULL_S: Final = 0.001
"""Between two tries to write where there is no room."""


class Streams:
    """Writes lines for the user interface, each at once and in one piece."""

    def __init__(self) -> None:
        """Takes stdout of this process for good."""
        self._out: Final = os.dup(STDOUT)
        self._errors: Final = os.dup(STDERR)
        self._lock: Final = threading.Lock()
        self._log: int | None = None
        self._log_path = ""
        self._began: Final = time.monotonic()
        self.is_broken = False
        """Whether nobody reads any more."""
        os.dup2(STDERR, STDOUT)
        if is_own_pipe(STDERR, self._out):
            os.set_blocking(STDERR, False)  # 64 kB that nobody reads, and a write would wait for ever

    def write(self, line: str) -> None:
        """Writes a line of 7-bit text."""
        whole = rest = f"{line}\n".encode("ascii", "backslashreplace")
        with self._lock:
            while rest and not self.is_broken:
                try:
                    rest = rest[os.write(self._out, rest) :]
                except BlockingIOError:  # who made the pipe lets nobody wait for it
                    time.sleep(FULL_S)
                except OSError:
                    self.is_broken = True
        self.log("<", whole)

    def log(self, mark: str, line: bytes) -> None:
        """Notes a line that came (`>`) or went (`<`), with the seconds since the start."""
        if self._log is not None:
            with suppress(OSError):
                os.write(self._log, f"{time.monotonic() - self._began:.3f} {mark} ".encode() + line.rstrip() + b"\n")

    def log_to(self, path: str) -> None:
        """Lets the log be a file from here on, to which stderr goes too; "" for none. One that can't be is told."""
        if path == self._log_path:
            return
        self._log_path = path
        if self._log is not None:
            os.close(self._log)
        self._log = None
        try:
            self._log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666) if path else None
        except (OSError, ValueError) as error:
            self.write(f"info string LogFile: {error.strerror if isinstance(error, OSError) else error}")
        for descriptor in (STDOUT, STDERR):
            os.dup2(self._errors if self._log is None else self._log, descriptor)


def is_own_pipe(descriptor: int, other: int) -> bool:
    """Tells whether a descriptor leads to a pipe, or a socket in its place, that another one does not lead to."""
    with suppress(OSError):
        one, two = os.fstat(descriptor), os.fstat(other)
        is_pipe = stat.S_ISFIFO(one.st_mode) or stat.S_ISSOCK(one.st_mode)  # node makes sockets
        return is_pipe and (one.st_dev, one.st_ino) != (two.st_dev, two.st_ino)
    return False
