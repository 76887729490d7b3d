"""A file of lines that another process appends to, read as it grows."""

import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final, Generic, TypeVar

Row = TypeVar("Row")
TAIL_BYTES: Final = 256
"""Of what was read last, by which a file is known again: a number of a file (inode) may be another file's by now."""


class GrowingFile(Generic[Row]):
    """The whole lines of a file. One that was cut, put in the place of another or taken away is read from its start."""

    def __init__(self, path: Path, parse: Callable[[bytes], Row | None], most: int | None = None) -> None:
        """Begins with nothing.

        Args:
            path: the file, which need not be there yet.
            parse: reads a line; None leaves it out.
            most: newest rows that are kept; None keeps all.
        """
        self.path = path
        self.parse = parse
        self.rows: deque[Row] = deque(maxlen=most)
        self._identity: tuple[int, int] | None = None
        self._num_read = 0
        """Bytes of the lines that were read."""
        self._tail = b""
        """The last of them."""

    def look(self) -> bool:
        """Reads what came since it was looked at last; returns whether lines came, or rows went with their file.

        Raises:
            OSError: the file is there and can't be read.
        """
        is_anew, lines = self._come()
        has_lost = is_anew and len(self.rows) > 0
        if is_anew:
            self.rows.clear()
        self.rows.extend(row for line in lines if (row := self.parse(line)) is not None)
        return has_lost or len(lines) > 0

    def _come(self) -> tuple[bool, list[bytes]]:
        """Returns whether the file is another one, and the whole lines behind those that were read of this one."""
        try:
            with self.path.open("rb") as file:
                is_anew = not self._is_known(file.fileno())
                if is_anew:
                    self._num_read, self._tail = 0, b""
                file.seek(self._num_read)
                content = file.read()
        except (FileNotFoundError, NotADirectoryError):
            is_anew, self._identity, self._num_read, self._tail, content = True, None, 0, b"", b""
        whole = content[: content.rfind(b"\n") + 1]  # what is behind it is still being written
        self._num_read += len(whole)
        self._tail = (self._tail + whole[-TAIL_BYTES:])[-TAIL_BYTES:]
        return is_anew, whole.splitlines()

    def _is_known(self, descriptor: int) -> bool:
        """Tells whether an open file is the one that was read last, and still has what was read."""
        found = os.fstat(descriptor)
        before, self._identity = self._identity, (found.st_dev, found.st_ino)
        if self._identity != before:
            return False
        return os.pread(descriptor, len(self._tail), self._num_read - len(self._tail)) == self._tail
