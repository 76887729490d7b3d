"""Paths as a user writes them, and files there that can't be read or written."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Final

import attrs

from keisei_core.config.wording import nearest
from keisei_core.errors import ConfigError

MOST_LOOKED_AT: Final = 1_000
"""Names in a folder that a suggestion is chosen from."""
NAMED: Final = re.compile(r"([A-Za-z0-9][\w.-]*:)?[a-z][a-z0-9_-]*:")
"""What stands in the place of a network's path for one that comes with a plugin: `NAME:`, `DISTRIBUTION:NAME:`."""


def path_setting(meaning: str) -> str:
    """Declares a key that takes a path, "" where it is absent.

    It is kept as one from the root on, since a run is resumed from any folder; the name of a network that comes with a
    plugin, which means the same in any folder, as it stands.

    Args:
        meaning: see `setting`.
    """
    field: str = attrs.field(default="", converter=from_anywhere, metadata={"help": meaning})
    return field


def from_anywhere(path: str) -> str:
    """Returns a path that means the same in every working folder; nothing and the name of a network as they are.

    Raises:
        ConfigError: see `home_path`.
    """
    return str(home_path(path).absolute()) if path and not is_named(path) else path


def home_path(path: str | Path) -> Path:
    """Returns a path with the home folder in the place of `~` or `~name`, as a shell reads it.

    Raises:
        ConfigError: there is no such home folder.
    """
    expanded = os.path.expanduser(path)
    if expanded.startswith("~"):
        told = "expected a path, got a home folder that there is not"
        raise ConfigError([f"{path}: {told}; write the path from / on, or ./{path} for what is called so"])
    return Path(expanded)


def is_named(path: str | Path) -> bool:
    """Tells whether a path has the form of a name under which a network comes with a plugin."""
    return NAMED.fullmatch(str(path)) is not None


def near_path(path: Path) -> str:
    """Returns `; did you mean 'runs/mine'?` for what stands beside a path where nothing is, or nothing.

    A name alone may be that of a run: runs/ is looked through too.
    """
    folders = [path.parent] if path.parent != Path() else [Path("runs"), Path()]
    standing = {entry.name: str(folder / entry.name) for folder in folders for entry in _entries(folder)}
    found = nearest(path.name, standing)
    return f"; did you mean {standing[found]!r}?" if found is not None else ""


def no_run(path: Path) -> ConfigError:
    """Makes the error for a path that is to be a run folder and is none."""
    got = "another folder" if path.is_dir() else "a file" if path.exists() else "nothing there"
    remedy = near_path(path) or "; name one that `keisei run` made"
    return ConfigError([f"{path}: expected a run folder with config.toml in it, got {got}{remedy}"])


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Yields what stands in a folder, `MOST_LOOKED_AT` at most."""
    with suppress(OSError), os.scandir(folder) as entries:
        yield from islice(entries, MOST_LOOKED_AT)


@contextmanager
def file_errors(path: Path, what: str) -> Iterator[None]:
    """Turns an OSError of what is done inside into a ConfigError: the file can't be `read`, or `written`."""
    try:
        yield
    except OSError as error:
        raise ConfigError([f"{path}: can't be {what}: {error.strerror or error}"]) from error
