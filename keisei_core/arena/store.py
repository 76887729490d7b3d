"""The store of pairs of games behind a ladder: a file only ever appended to, by any number of processes."""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from keisei_core.arena.meeting import Meeting, Results
from keisei_core.arena.store_lines import read_lines, written
from keisei_core.checkpoint.folder import sync
from keisei_core.config.paths import file_errors
from keisei_core.errors import ConfigError

PATIENCE_S: Final = 30.0
"""How long another process may hold the store; it takes milliseconds."""
POLL_S: Final = 0.02
MOST_TOLD: Final = 5
"""Lines told of by number."""


class Store:
    """A file of pairs; results of many runs in it make their ratings comparable."""

    def __init__(self, path: Path, warn: Callable[[str], None] = lambda _: None) -> None:
        """Takes the file.

        Args:
            path: need not exist.
            warn: told once of the lines that are passed over.
        """
        self.path = path
        self.warn = warn
        self._has_told = False

    def require_writable(self) -> Results:
        """Makes sure that what is played can be kept, before it is played; makes an empty file where there is none.

        Returns:
            All pairs.

        Raises:
            ConfigError: the file can't be written, or holds something else.
        """
        with self._opened():
            return self.results()

    def results(self) -> Results:
        """Returns all pairs, none if there is no file yet.

        Raises:
            ConfigError: the file can't be read, or a line of it holds something else.
        """
        with file_errors(self.path, "read"):
            if not self.path.exists():
                return Results()
            require_file(self.path)
            with self.path.open("rb") as file, locked(file.fileno(), fcntl.LOCK_SH, self.path):
                content = file.read()
        return self._read(content)

    def append(self, meeting: Meeting, names: tuple[str, str], pairs: Mapping[int, str]) -> int:
        """Appends the pairs that are not in the file yet, whoever else appends meanwhile.

        Args:
            meeting: who played and how.
            names: what the two players are called.
            pairs: by opening, in letters of `OUTCOMES`, seen by the first player.

        Returns:
            How many were not there.

        Raises:
            ConfigError: the file can't be read or written; it is then as it was.
        """
        with self._opened() as descriptor, locked(descriptor, fcntl.LOCK_EX, self.path):
            content = self.path.read_bytes()
            held = self._read(content).of(meeting)
            lacking = {opening: outcomes for opening, outcomes in pairs.items() if opening not in held}
            if lacking:
                # Behind a line that was cut off begins another one.
                end = b"" if content.endswith(b"\n") or not content else b"\n"
                _append_whole(descriptor, end + written(meeting, names, lacking), len(content))
        return len(lacking)

    def _read(self, content: bytes) -> Results:
        try:
            results, notes = read_lines(content)
        except ValueError as error:
            raise ConfigError([f"{self.path}: {error}, or name another store"]) from error
        if notes and not self._has_told:
            self._has_told = True
            more = f" and {len(notes) - MOST_TOLD} more" if len(notes) > MOST_TOLD else ""
            self.warn(
                f"{self.path}: {', '.join(notes[:MOST_TOLD])}{more}; remove what is no record to hear no more of it"
            )
        return results

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """Opens the file for reading and appending; makes it where there is none."""
        with file_errors(self.path, "written"):
            if self.path.exists():
                require_file(self.path)
            self.path.parent.mkdir(parents=True, exist_ok=True)
            is_made = not self.path.exists()
            with self.path.open("ab") as file:
                if is_made:
                    sync(self.path.parent)
                yield file.fileno()


def require_file(path: Path) -> None:
    """Refuses what stands at a path and is no file: a folder, a device that never ends.

    Raises:
        ConfigError: it is.
    """
    if not path.is_file():
        raise ConfigError([f"{path}: expected a file, got something else; name another"])


@contextmanager
def locked(descriptor: int, kind: int, path: Path) -> Iterator[None]:
    """Holds a file against other processes, or waits for them.

    Args:
        descriptor: of the open file.
        kind: `LOCK_SH` or `LOCK_EX` of fcntl.
        path: of the file, for the complaint.

    Raises:
        ConfigError: another process holds it for longer than `PATIENCE_S`.
        OSError: the file system has no locks.
    """
    until = monotonic() + PATIENCE_S
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            break
        except BlockingIOError as error:
            if monotonic() > until:
                told = f"another process has held it for {PATIENCE_S:.0f} s; end that or name another store"
                raise ConfigError([f"{path}: {told}"]) from error
            sleep(POLL_S)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _append_whole(descriptor: int, data: bytes, end: int) -> None:
    """Writes all of it and makes it last, or nothing.

    Args:
        descriptor: of the locked file.
        data: what is appended.
        end: how long the file is before.

    Raises:
        OSError: no room, say; the file is as it was.
    """
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, end)
        raise
