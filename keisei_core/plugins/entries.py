"""Entry points of plugins, looked at without importing them, so that help stays quick."""

import contextlib
import importlib.util
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

GROUP: Final = "keisei"
"""The entry-point group; the value names a light module with hook implementations."""


def entries_naming(word: str) -> list[EntryPoint]:
    """Returns the entry points whose modules have a word in their source: the name of a hook that they implement.

    A module whose source is not found counts as one that has it. A hook that a module gets from elsewhere by `*` is
    missed: who must know all plugins loads all.
    """
    return [entry for entry in entry_points(group=GROUP) if _names(entry.module, word)]


def _names(module: str, word: str) -> bool:
    """Tells whether a module's source has a word in it; finding a top-level package imports nothing."""
    package, *path = module.split(".")
    with contextlib.suppress(ImportError, OSError, ValueError):
        spec = importlib.util.find_spec(package)
        folders = (spec.submodule_search_locations if spec is not None else None) or ()
        files = [Path(folder, *path).with_suffix(".py") for folder in folders]
        sources = [file.read_bytes() for file in files if path and file.is_file()]
        return not sources or any(word.encode() in source for source in sources)
    return True
