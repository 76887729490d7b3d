"""A file of lines that another process appends to, read as it grows."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

Row = TypeVar("Row")


class GrowingFile(Generic[Row]):
    """The whole lines of a file. One that was cut, put in the place of another or taken away is read from its start."""

    def __init__(self, path: Path, parse: Callable[[bytes], Row | None]) -> None:
        """Begins with nothing.

        Args:
            path: the file, which need not be there yet.
            parse: reads a line; None leaves it out.
        """
        self.path = path
        self.parse = parse
        self.rows: list[Row] = []
        self._identity: tuple[int, int] | None = None
        self._num_read = 0
        """Bytes of the lines that were read."""

    def look(self) -> bool:
        """Reads what came since it was looked at last; returns whether the rows changed.

        Raises:
            OSError: the file is there and can't be read.
        """
        before = len(self.rows)
        is_anew, lines = self._come()
        if is_anew:
            self.rows = []
        self.rows += [row for line in lines if (row := self.parse(line)) is not None]
        return len(self.rows) != before or (is_anew and before > 0)

    def _come(self) -> tuple[bool, list[bytes]]:
        """Returns whether the file is another one, and the whole lines behind those that were read of this one."""
        try:
            with self.path.open("rb") as file:
                found = os.fstat(file.fileno())
                identity = (found.st_dev, found.st_ino)
                is_anew = identity != self._identity or found.st_size < self._num_read
                self._identity, self._num_read = identity, 0 if is_anew else self._num_read
                file.seek(self._num_read)
                content = file.read()
        except (FileNotFoundError, NotADirectoryError):
            is_anew, self._identity, self._num_read, content = True, None, 0, b""
        end = content.rfind(b"\n") + 1  # what is behind it is still being written
        self._num_read += end
        return is_anew, content[:end].splitlines()
