"""The folder of one run: made new, never over another, held by one process at a time."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final, Self

import tomli_w

from keisei_core.checkpoint import CheckpointStore
from keisei_core.config.paths import no_run
from keisei_core.errors import ConfigError, RunFolderError
from keisei_core.plugins.plugin_file import FOLDER, PluginFile, write_copies
from keisei_core.shown import command_line, shown

LOCK: Final = "lock"
BESIDE: Final = ".tmp"
LEFT_BY_A_START: Final = (LOCK, FOLDER, f"config.toml{BESIDE}")
"""What a run that was killed at its very start leaves: nothing anybody would miss."""


class RunFolder:
    """A run folder and the files in it. Its paths are absolute, so that it stays where it is whoever changes folder."""

    def __init__(self, path: Path) -> None:
        self.path = path = path.absolute()
        self.config = path / "config.toml"
        self.environment = path / "environment.json"
        self.announcement = path / "announcement.txt"
        self.games = path / "games.jsonl"
        self.matches = path / "matches.jsonl"
        self.metrics = path / "metrics.jsonl"
        self.checkpoints = path / "checkpoints"
        self.result = path / "result.json"
        self.plugins = path / FOLDER
        self._lock: IO[str] | None = None

    @classmethod
    def create(cls, path: Path | None) -> Self:
        """Makes a new folder, dated under runs/ if no path is given, and holds it.

        Raises:
            ConfigError: the path is taken.
            RunFolderError: it can't be made.
        """
        if path is None:
            return cls(make_dated()).hold()
        refuse_taken(path)
        with disk_errors(path):
            path.mkdir(parents=True, exist_ok=True)
        folder = cls(path).hold()
        try:
            refuse_taken(path)  # another run may have been quicker, and be over by now
        except ConfigError:
            folder.close()
            raise
        return folder

    @classmethod
    def existing(cls, path: Path) -> Self:
        """Returns the folder of an earlier run without holding it.

        Raises:
            ConfigError: there is no run.
        """
        if not (path / "config.toml").is_file():
            raise no_run(path)
        return cls(path)

    def hold(self) -> Self:
        """Keeps every other process out of the folder until this one closes it or ends.

        Raises:
            ConfigError: another process holds it.
        """
        with disk_errors(self.path):
            lock = (self.path / LOCK).open("a+")
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                lock.seek(0)
                holder = lock.read().strip() or "unknown"
                lock.close()
                told = f"another process is running in this folder (process {holder}); wait for it or stop it"
                raise ConfigError([f"{from_here(self.path)}: {told}"]) from error
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
        self._lock = lock
        return self

    @property
    def has_not_begun(self) -> bool:
        """True where a run was ended before its first checkpoint, which it writes before its first update.

        Where there are no checkpoints, but metrics or games, somebody took the checkpoints away.
        """
        logged = self.games.exists() or self.metrics.exists()
        return not logged and CheckpointStore(self.checkpoints, keep=1).is_empty

    def files(self) -> dict[str, Path]:
        """Returns the paths of the files that a run writes beside its checkpoints, by their names."""
        logged = (self.announcement, self.games, self.matches, self.metrics)
        named = (self.config, self.environment, *logged, self.path / LOCK)
        return {path.name: path for path in named}

    def close(self) -> None:
        """Lets the folder go."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def write_config(self, document: Mapping[str, Any]) -> None:
        """Writes the resolved config, which runs again as it is."""
        self._write(self.config, tomli_w.dumps(document))

    def keep_files(self, files: Iterable[PluginFile]) -> None:
        """Keeps copies of the files that the run is made with, where a resume finds them.

        Raises:
            ConfigError: another file of the same name lies there.
        """
        with disk_errors(self.path):
            write_copies(files, self.path)

    def write_lines(self, path: Path, lines: Iterable[str]) -> None:
        """Writes one of the folder's texts."""
        self._write(path, "".join(f"{shown(line)}\n" for line in lines))

    def write_json(self, path: Path, value: object) -> None:
        """Writes one of the folder's JSON files."""
        self._write(path, json.dumps(value, indent=2) + "\n")

    def _write(self, path: Path, text: str) -> None:
        """Writes one of the folder's files whole or not at all."""
        beside = path.with_name(path.name + BESIDE)
        with disk_errors(self.path):
            with beside.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)


@contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turns an OSError of what is done inside into a RunFolderError with the folder and the space that is left."""
    try:
        yield
    except OSError as error:
        place = f": {from_here(Path(error.filename))}" if isinstance(error.filename, str) else ""
        what = f"{error.strerror or error}{place}"
        told = (
            f"{from_here(folder)}: the run folder can't be written ({what}); {_free_space(folder)}; {_remedy(folder)}"
        )
        raise RunFolderError(told) from error


def _free_space(folder: Path) -> str:
    standing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return f"{shutil.disk_usage(standing).free / 2**20:,.1f} MiB are free there"


def _remedy(folder: Path) -> str:
    if not folder.exists():
        return "it does not exist (any more): put it back and resume, or start a new run"
    return "make it writable or make room; what was saved before is untouched, and `keisei resume` goes on from it"


def refuse_taken(path: Path) -> None:
    """Raises a ConfigError if something stands at the path that a new run would write over."""
    if path.is_dir() and all(entry.name in LEFT_BY_A_START for entry in path.iterdir()):
        return
    if path.exists():
        raise ConfigError(
            [
                f"--run-dir {from_here(path)}: exists already and is never written over; name another, or "
                f"`{command_line('keisei', 'resume', from_here(path))}`"
            ]
        )


def make_dated() -> Path:
    """Makes a folder under runs/, named after the present second, that no other run has; returns its absolute path.

    Raises:
        RunFolderError: it can't be made.
    """
    stem = Path("runs").absolute() / datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    with disk_errors(stem):
        stem.parent.mkdir(exist_ok=True)
        path, number = stem, 1
        while not _is_new(path):
            number += 1
            path = stem.with_name(f"{stem.name}-{number}")
    return path


def _is_new(path: Path) -> bool:
    """Makes a folder, which is what claims its name: looking first would let two runs find the same one free."""
    try:
        path.mkdir()
    except FileExistsError:
        return False
    return True


def from_here(path: Path) -> Path:
    """Returns a path as it is told: from the working folder where it lies in there."""
    with suppress(ValueError, OSError):  # it lies elsewhere; the working folder is gone
        return path.relative_to(Path.cwd())
    return path
