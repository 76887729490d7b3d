"""Paths as a user writes them, and files there that can't be read or written."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import attrs

from keisei_core.errors import ConfigError


def path_setting(meaning: str) -> str:
    """Declares a key that takes a path, "" where it is absent.

    It is kept as one from the root on, since a run is resumed from any folder.

    Args:
        meaning: see `setting`.
    """
    field: str = attrs.field(default="", converter=_from_anywhere, metadata={"help": meaning})
    return field


def _from_anywhere(path: str) -> str:
    return str(home_path(path).absolute()) if path else ""


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


@contextmanager
def file_errors(path: Path, what: str) -> Iterator[None]:
    """Turns an OSError of what is done inside into a ConfigError: the file can't be `read`, or `written`."""
    try:
        yield
    except OSError as error:
        raise ConfigError([f"{path}: can't be {what}: {error.strerror or error}"]) from error
