"""Writes the metrics of every update as a line of comma-separated values."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from keisei_plugins_myname.options import MynameOptions


class MynameTracker:
    """Appends to RUN/metrics.csv; the first update decides the columns, and what a later one lacks stays empty."""

    def __init__(self, run_folder: Path, options: MynameOptions) -> None:
        self.path = run_folder / options.file
        self.digits = options.digits
        self.columns: list[str] = []

    def start(self, last_update: int) -> None:
        """Begins, or begins again after a resume: lines after `last_update` are dropped, that part is played again."""
        lines = list(_whole_lines(self.path)) if self.path.exists() else []
        self.columns = lines[0] if lines else []
        kept = [line for line in lines[1:] if int(line[0]) <= last_update]
        if lines:
            self._write("w", [self.columns, *kept])

    def log(self, update: int, metrics: Mapping[str, float]) -> None:
        """Appends one line; a metric that was not there at first adds a column to the whole table."""
        new = [name for name in metrics if name not in self.columns]
        if new:
            self._add_columns(new)
        numbers = [format(metrics[name], f".{self.digits}g") if name in metrics else "" for name in self.columns[1:]]
        self._write("a", [[str(update), *numbers]])

    def close(self) -> None:
        """Does nothing: every line is on disk already."""

    def _add_columns(self, new: list[str]) -> None:
        lines = list(_whole_lines(self.path)) if self.path.exists() else []
        self.columns = [*(self.columns or ["update"]), *new]
        self._write("w", [self.columns, *(line + [""] * len(new) for line in lines[1:])])

    def _write(self, mode: str, lines: list[list[str]]) -> None:
        with self.path.open(mode, encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(lines)


def _whole_lines(path: Path) -> Iterator[list[str]]:
    """Yields the lines that a killed run wrote to their end."""
    text = path.read_text(encoding="utf-8")
    yield from csv.reader(text[: text.rfind("\n") + 1].splitlines())
