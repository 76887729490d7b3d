"""Trackio's database of a project: runs, each with a config and a row of metrics for each step.

Tables and columns are those of Trackio's page "Storage Schema and Direct Queries"; what else it keeps there it adds
when it opens the file. Neither Trackio nor a network is needed to write it.
"""

import json
import math
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS metrics (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL,"
    " timestamp TEXT NOT NULL, run_name TEXT NOT NULL, step INTEGER NOT NULL, metrics TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS configs (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL,"
    " run_name TEXT NOT NULL, config TEXT NOT NULL, created_at TEXT NOT NULL, UNIQUE(run_id))",
)
PATIENCE_S: Final = 10.0
"""How long another process, Trackio's page or another run, may hold the file."""


class Database:
    """One run in the file of a project; each call is a transaction, so that a killed process leaves whole rows."""

    def __init__(self, path: Path, run: str, identity: str) -> None:
        """Opens the file, which need not be there.

        Args:
            path: named after the project, with `.db` behind it.
            run: what the run is called; others in the file may be called the same.
            identity: of the run, its alone.

        Raises:
            sqlite3.Error: the file can't be opened, or is no database.
        """
        self.run, self.identity = run, identity
        self._connection = sqlite3.connect(path, timeout=PATIENCE_S)
        with self._connection:
            for statement in SCHEMA:
                self._connection.execute(statement)

    def keep_until(self, last_step: int) -> None:
        """Drops the run's rows after a step; raises sqlite3.Error."""
        with self._connection:
            self._connection.execute("DELETE FROM metrics WHERE run_id = ? AND step > ?", (self.identity, last_step))

    def set_config(self, config: Mapping[str, Any]) -> None:
        """Sets what Trackio shows as the run's config; raises sqlite3.Error."""
        told = json.dumps({**config, "_Username": None, "_Created": _now(), "_Group": None})
        with self._connection:
            self._connection.execute(
                "INSERT OR REPLACE INTO configs (run_id, run_name, config, created_at) VALUES (?, ?, ?, ?)",
                (self.identity, self.run, told, _now()),
            )

    def add(self, step: int, metrics: Mapping[str, float]) -> None:
        """Adds a row; raises sqlite3.Error."""
        told = json.dumps({name: _number(value) for name, value in metrics.items()})
        with self._connection:
            self._connection.execute(
                "INSERT INTO metrics (run_id, timestamp, run_name, step, metrics) VALUES (?, ?, ?, ?, ?)",
                (self.identity, _now(), self.run, step, told),
            )

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _number(value: float) -> float | str:
    """Returns a number as Trackio writes it into JSON, which has no nan and no infinity."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
