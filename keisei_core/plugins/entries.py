"""Entry points of plugins, looked at without importing them, so that help stays quick."""

import contextlib
import importlib.util
from importlib.metadata import EntryPoint
from pathlib import Path

from keisei_core.plugins.installed import installed_entries


def entries_naming(word: str) -> list[EntryPoint]:
    """Returns the entry points whose modules have a word in their source: the name of a hook that they implement.

    A module whose source is not found counts as one that has it. A hook that a module gets from elsewhere by `*` is
    missed: who must know all plugins loads all.
    """
    return [entry for entry in installed_entries() if _names(module_of(entry), word)]


def module_of(entry: EntryPoint) -> str:
    """Returns the module that an entry point names, whether or not its value has the form it must have."""
    return entry.value.partition(":")[0].strip()


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
