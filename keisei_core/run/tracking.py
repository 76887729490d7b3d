"""Where the metrics of a run go: what a tracker must offer, the file metrics.jsonl, and all trackers of a run.

A tracker that fails is told of once and takes no further part, and never stops the run.
"""

import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from keisei_core.plugins import Choice
from keisei_core.run.watchers import Watchers


class Tracker(Protocol):
    """Takes the metrics of every update, in order."""

    def start(self, last_update: int) -> None:
        """Begins, or begins again after a resume.

        Args:
            last_update: the update that the run goes on from, 0 at its beginning; what was logged beyond it is gone.
        """
        ...

    def log(self, update: int, metrics: Mapping[str, float]) -> None:
        """Takes in the metrics of one update; `update` counts from 1."""
        ...

    def close(self) -> None:
        """Ends."""
        ...


def append_line(path: Path, record: Mapping[str, Any]) -> None:
    """Appends one JSON object as a line; an OSError names the file."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def keep_until(path: Path, last_update: int) -> None:
    """Drops every line of an update after `last_update`, and what is no such line, as a killed run may leave one."""
    if not path.exists():
        return
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    beside = path.with_suffix(".tmp")
    with beside.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines if _update_of(line) <= last_update)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _update_of(line: str) -> float:
    """Returns the update that a whole line is about; infinity where it is about none."""
    try:
        update = json.loads(line)["update"]
    except (LookupError, TypeError, ValueError):
        return math.inf
    return update if isinstance(update, int) else math.inf


class JsonlTracker:
    """Appends to RUN/metrics.jsonl; a number that is nan or inf is written as null."""

    def __init__(self, run_folder: Path) -> None:
        self.path = run_folder / "metrics.jsonl"

    def start(self, last_update: int) -> None:
        """Drops lines beyond the update that a resumed run goes on from."""
        keep_until(self.path, last_update)

    def log(self, update: int, metrics: Mapping[str, float]) -> None:
        """Appends one line."""
        clean = {name: value if math.isfinite(value) else None for name, value in metrics.items()}
        append_line(self.path, {"update": update, **clean})

    def close(self) -> None:
        """Does nothing: every line is written at once."""


class Trackers:
    """Hands every call on to each tracker that still works."""

    def __init__(self, choices: Sequence[Choice], run_folder: Path, warn: Callable[[str], None]) -> None:
        """Builds the trackers.

        Args:
            choices: which ones.
            run_folder: where they may write.
            warn: is told of a tracker that fails, also if it fails to begin.
        """
        self._watchers: Watchers[Tracker] = Watchers("tracker", choices, run_folder, warn)

    def start(self, last_update: int) -> None:
        """Begins, or begins again after the update that a run goes on from."""
        self._watchers.each(lambda tracker: tracker.start(last_update))

    def log(self, update: int, metrics: Mapping[str, float]) -> None:
        """Logs the metrics of one update."""
        self._watchers.each(lambda tracker: tracker.log(update, metrics))

    def close(self) -> None:
        """Ends all of them."""
        self._watchers.each(lambda tracker: tracker.close())
