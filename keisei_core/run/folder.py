"""The folder of one run: made new, never over another, held by one process at a time."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Self

import tomli_w

from keisei_core.errors import ConfigError, RunFolderError


class RunFolder:
    """A run folder and the files in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.config = path / "config.toml"
        self.environment = path / "environment.json"
        self.games = path / "games.jsonl"
        self.checkpoints = path / "checkpoints"
        self.result = path / "result.json"
        self._lock: IO[str] | None = None

    @classmethod
    def create(cls, path: Path | None) -> Self:
        """Makes a new folder, dated under runs/ if no path is given, and holds it.

        Raises:
            ConfigError: the path is taken.
            RunFolderError: it can't be made.
        """
        if path is not None:
            refuse_taken(path)
        folder = path or dated_path()
        with disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=path is not None)
        return cls(folder).hold()

    @classmethod
    def existing(cls, path: Path) -> Self:
        """Returns the folder of an earlier run without holding it.

        Raises:
            ConfigError: there is no run.
        """
        if not (path / "config.toml").is_file():
            raise ConfigError(
                [f"{path}: expected a run folder with config.toml in it; name one that `keisei run` made"]
            )
        return cls(path)

    def hold(self) -> Self:
        """Keeps every other process out of the folder until this one closes it or ends.

        Raises:
            ConfigError: another process holds it.
        """
        with disk_errors(self.path):
            self._lock = (self.path / "lock").open("a+")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigError(
                [f"{self.path}: another process is running in this folder; wait for it or stop it"]
            ) from error
        self._lock.truncate(0)
        self._lock.write(f"{os.getpid()}\n")
        self._lock.flush()
        return self

    def close(self) -> None:
        """Lets the folder go."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def write_config(self, document: Mapping[str, Any]) -> None:
        """Writes the resolved config, which runs again as it is."""
        self.config.write_text(tomli_w.dumps(document), encoding="utf-8")

    def write_json(self, path: Path, value: object) -> None:
        """Writes one of the folder's JSON files."""
        path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turns an OSError of what is done inside into a RunFolderError with the folder and the space that is left."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        standing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        left = shutil.disk_usage(standing).free / 2**20
        what = f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
        remedy = f"{left:,.0f} MiB are free there; make room or name another folder; what was saved before is untouched"
        raise RunFolderError(f"{folder}: the run folder can't be written ({what}); {remedy}") from error


def refuse_taken(path: Path) -> None:
    """Raises a ConfigError if something stands at the path that a new run would write over."""
    if path.is_dir() and not any(path.iterdir()):
        return
    if path.exists():
        raise ConfigError(
            [f"--run-dir {path}: exists already and is never written over; name another, or `keisei resume {path}`"]
        )


def dated_path() -> Path:
    """Returns a path under runs/ named after the present second that does not exist yet."""
    stem = Path("runs") / datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    path, number = stem, 1
    while path.exists():
        number += 1
        path = stem.with_name(f"{stem.name}-{number}")
    return path
