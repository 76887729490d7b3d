"""The store of match results behind a ladder: one line of JSON for each match, only ever appended to."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

from keisei_core import __version__
from keisei_core.arena.report import MatchReport
from keisei_core.arena.score import Pentanomial, games_in, points_in
from keisei_core.errors import ConfigError


@attrs.frozen(kw_only=True)
class StoredMatch:
    """One match."""

    first: str
    second: str
    pairs: Pentanomial
    """Pairs of games by the first player's points."""
    max_plies: int
    opening_plies: int

    @property
    def games(self) -> int:
        """Games played."""
        return games_in(self.pairs)

    @property
    def points(self) -> float:
        """The first player's points."""
        return points_in(self.pairs)


class Store:
    """A file of matches; results of many runs in it make their ratings comparable."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, report: MatchReport) -> bool:
        """Appends a match, unless it is in there: the same players under the same seed play the same games again.

        Returns:
            Whether it was new.

        Raises:
            ConfigError: the file can't be written.
        """
        data = report.to_data()
        kept = (
            "first",
            "second",
            "pairs",
            "wins",
            "draws",
            "losses",
            "truncated",
            "endings",
            "mean_plies",
            "conditions",
        )
        if any(
            all(record.get(key) == data[key] for key in ("first", "second", "conditions")) for record in self._records()
        ):
            return False
        now = datetime.now(UTC).isoformat(timespec="seconds")
        line = json.dumps({"time": now, "keisei": __version__, **{key: data[key] for key in kept}})
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
        except OSError as error:
            raise ConfigError([f"{self.path}: can't be written: {error.strerror or error}"]) from error
        return True

    def matches(self) -> list[StoredMatch]:
        """Returns all matches, none if there is no file yet.

        Raises:
            ConfigError: the file can't be read, or a line of it is no match.
        """
        return [self._match(number, record) for number, record in enumerate(self._records(), 1)]

    def _records(self) -> list[dict[str, Any]]:
        """Returns the lines of the file as data."""
        if not self.path.exists():
            return []
        try:
            lines = self.path.read_text(encoding="utf-8").splitlines()
            records = [json.loads(line) for line in lines]
        except (OSError, ValueError) as error:
            raise ConfigError([f"{self.path}: expected a line of JSON for each match ({error})"]) from error
        if not all(isinstance(record, dict) for record in records):
            raise ConfigError([f"{self.path}: expected a JSON object in every line"])
        return records

    def _match(self, number: int, record: dict[str, Any]) -> StoredMatch:
        try:
            none, half, one, more, two = (int(count) for count in record["pairs"])
            conditions = record["conditions"]
            return StoredMatch(
                first=str(record["first"]),
                second=str(record["second"]),
                pairs=(none, half, one, more, two),
                max_plies=int(conditions["max_plies"]),
                opening_plies=int(conditions["opening_plies"]),
            )
        except (ValueError, KeyError, TypeError) as error:
            text = f"{self.path}: line {number}: expected a match that `keisei match` or `ladder` wrote ({error!r})"
            raise ConfigError([f"{text}; remove the line"]) from error
