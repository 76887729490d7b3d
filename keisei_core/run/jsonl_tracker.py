"""The tracker that appends one JSON object a line to metrics.jsonl in the run folder."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def append_line(path: Path, record: Mapping[str, Any]) -> None:
    """Appends one JSON object as a line; an OSError names the file."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def keep_until(path: Path, last_update: int) -> None:
    """Drops every line of an update after `last_update`, and a last line that a killed run left half written."""
    if not path.exists():
        return
    kept = []
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if record["update"] <= last_update:
            kept.append(line + "\n")
    beside = path.with_suffix(".tmp")
    beside.write_text("".join(kept), encoding="utf-8")
    beside.replace(path)


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
