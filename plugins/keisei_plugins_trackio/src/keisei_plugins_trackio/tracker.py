"""The tracker: every metric as a curve over updates, and the run's config."""

import secrets
import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from keisei_core.config import home_path
from keisei_core.run.metrics import group_of
from keisei_plugins_trackio.database import Database
from keisei_plugins_trackio.options import TrackioOptions

ID_BYTES: Final = 4
"""Drawn for each run: what tells runs apart that are called the same."""


class TrackioTracker:
    """Writes RUN/trackio/keisei.db; a run that goes on continues its curves, no step twice."""

    def __init__(self, run_folder: Path, options: TrackioOptions) -> None:
        self.patterns = options.metrics
        self.path = run_folder / home_path(options.folder) / f"{options.project}.db"
        self.run = run_folder.absolute().name
        self.identity = run_folder / "trackio.id"
        self.config = run_folder / "config.toml"
        self.database: Database | None = None

    def start(self, last_update: int) -> None:
        """Drops what was written beyond the update that a run goes on from.

        Raises:
            OSError, sqlite3.Error: the database can't be written, or is none.
        """
        self.close()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.database = Database(self.path, self.run, self._identity())
        self.database.keep_until(last_update)
        if not last_update and self.config.exists():
            self.database.set_config(tomllib.loads(self.config.read_text(encoding="utf-8")))

    def log(self, update: int, metrics: Mapping[str, float]) -> None:
        """Writes one point of every curve.

        Raises:
            sqlite3.Error: the database can't be written.
        """
        if self.database is None:
            raise RuntimeError("log must come after start and before close")
        chosen = {name: value for name, value in metrics.items() if self._is_wanted(name)}
        self.database.add(update, {f"{group_of(name)}/{name}": value for name, value in chosen.items()})

    def close(self) -> None:
        """Closes the database."""
        if self.database is not None:
            self.database.close()
            self.database = None

    def _identity(self) -> str:
        """Returns what Trackio tells the run from others by: drawn when it first starts, kept in its folder."""
        found = self.identity.read_text(encoding="utf-8").strip() if self.identity.exists() else ""
        if not found:
            found = f"{self.run}-{secrets.token_hex(ID_BYTES)}"
            self.identity.write_text(f"{found}\n", encoding="utf-8")
        return found

    def _is_wanted(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self.patterns)
