"""Games of a run's matches, kept so that a person can see how they were won and lost: RUN/matches.jsonl."""

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from keisei_core.arena.match_record import match_records
from keisei_core.arena.parallel_games import FinishedGame
from keisei_core.distribution import DistributionBackend
from keisei_core.run.tracking import append_line, keep_lines, update_of

MOST_GAMES: Final = 2_000
"""Games in the file, some 2 kB each: where there are a tenth more, the oldest leave it."""
Record = dict[str, Any]


class Occasion(StrEnum):
    """Why a match was played."""

    TRAINING = "training"
    """Due after so many updates, against the configured opponent."""
    BEST = "best"
    """Against the best network so far."""
    LAST = "last"
    """At the end, against the configured opponent."""
    RUNG = "rung"
    """At the end, against a rung."""


AT_THE_END: Final = (Occasion.LAST, Occasion.RUNG)


class MatchGames:
    """The file of the games, written by rank 0: an update's games with its line in the metrics, or not at all."""

    def __init__(self, path: Path, most: int) -> None:
        """Takes what it needs to know.

        Args:
            path: the file.
            most: games that are kept of each match.
        """
        self.path = path
        self.most = most
        self._pending: list[Record] = []
        self._num_written = 0

    def begin(self, last_update: int) -> None:
        """Brings the file back to where a run goes on: matches at the end will be played again."""
        keep_lines(self.path, lambda _, line: update_of(line) <= last_update and not _is_at_the_end(line))
        self._num_written = len(self.path.read_bytes().splitlines()) if self.path.exists() else 0

    def add(self, games: Sequence[Record], occasion: Occasion, update: int) -> None:
        """Takes the games of a match, of which the lost ones come first where there are too many.

        Args:
            games: as `kept_records` gives them.
            occasion: why the match was played.
            update: after which.
        """
        self._pending += [{"update": update, "match": str(occasion), **record} for record in games]

    def write(self) -> None:
        """Writes what was added.

        Raises:
            OSError: the file can't be written.
        """
        for record in self._pending:
            append_line(self.path, record)
        self._num_written += len(self._pending)
        self._pending.clear()
        if self._num_written > 1.1 * MOST_GAMES:
            left_out = self._num_written - MOST_GAMES
            keep_lines(self.path, lambda number, _: number >= left_out)
            self._num_written = MOST_GAMES


def kept_records(
    games: Sequence[FinishedGame], first: str, second: str, most: int, backend: DistributionBackend
) -> list[Record]:
    """Returns games of a match as lines of a games file on rank 0, none elsewhere; every process calls it.

    Args:
        games: those that this process played.
        first, second: names of the players.
        most: lost ones come first where there are more.
        backend: of the processes.
    """
    own = match_records(sorted(games, key=lambda game: (game.points > 0, game.number))[:most], first, second)
    parts = [own] if backend.world_size == 1 else map(json.loads, backend.gather(json.dumps(own).encode()))
    found = sorted((record for part in parts for record in part), key=lambda game: (not is_lost(game), game["game"]))
    return sorted(found[:most], key=lambda game: int(game["game"]))


def is_lost(record: Record) -> bool:
    """Tells whether the first player lost a game."""
    return record["winner"] not in ("", record["first"])


def _is_at_the_end(line: str) -> bool:
    return bool(json.loads(line).get("match") in AT_THE_END)
