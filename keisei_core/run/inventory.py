"""Files of a run that somebody took away, cut or put others in their place: told, not found out at the resume."""

import os
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

import attrs

from keisei_core.run.folder import from_here


@attrs.frozen
class Kept:
    """A file or folder as it was seen, held open so that no other can get its number on the disk."""

    path: Path
    descriptor: int
    num_bytes: int
    """0 of a folder."""

    @classmethod
    def of(cls, path: Path) -> Self:
        """Sees it.

        Raises:
            OSError: it is not there.
        """
        descriptor = os.open(path, os.O_RDONLY)
        return cls(path, descriptor, 0 if path.is_dir() else os.fstat(descriptor).st_size)

    def is_whole(self) -> bool:
        """Tells whether it stands where it stood and is no shorter."""
        try:
            found = self.path.stat()
        except OSError:
            return False
        return os.path.samestat(found, os.fstat(self.descriptor)) and found.st_size >= self.num_bytes


class Inventory:
    """Remembers what stands in a run folder from look to look."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        """Begins with nothing seen.

        Args:
            warn: is told of what is gone, once of each name.
        """
        self.warn = warn
        self._kept: dict[str, Kept] = {}
        self._told: set[str] = set()

    def look(self, paths: Mapping[str, Path], due: Collection[str] = ()) -> list[str]:
        """Compares files and folders with the last look, and tells what is not there any more.

        Args:
            paths: what to look at, by what it is called; another path than before is not compared.
            due: names of those that must be there by now, whether or not they were seen before.

        Returns:
            The names of those that are gone, replaced, or shorter than they were.
        """
        lost = [name for name, kept in self._kept.items() if paths.get(name) == kept.path and not kept.is_whole()]
        lost += [name for name in due if name not in self._kept and not paths[name].exists()]
        for name in lost:
            if name not in self._told:
                self._told.add(name)
                place = from_here(paths[name])
                self.warn(f"warning: {place} was removed, cut or replaced, and not by this run; look for who does that")
        self.close()
        for name, path in paths.items():
            with suppress(OSError):  # it is not there yet
                self._kept[name] = Kept.of(path)
        return lost

    def close(self) -> None:
        """Forgets what was seen."""
        for kept in self._kept.values():
            os.close(kept.descriptor)
        self._kept.clear()
