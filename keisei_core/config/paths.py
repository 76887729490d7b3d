"""Paths as a user writes them."""

import os
from pathlib import Path

from keisei_core.errors import ConfigError


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
