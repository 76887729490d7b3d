"""Looking on at a match while it is played: its games written down, its score told, its results kept pair by pair."""

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from time import perf_counter
from typing import IO, Any, Final

from keisei_core.arena.course import Course, progress_line
from keisei_core.arena.forfeit import Faults, ForfeitKind
from keisei_core.arena.match import Pair, play_match
from keisei_core.arena.match_record import match_records
from keisei_core.arena.parallel_games import FinishedGame
from keisei_core.arena.player import Player
from keisei_core.arena.score import Score, Tally, outcomes_of
from keisei_core.arena.sprt import Sprt
from keisei_core.config.paths import file_errors
from keisei_core.display import Display, has_display, is_plain
from keisei_core.errors import ConfigError
from keisei_core.shogi import Ending
from keisei_core.streams import say

TELL_EVERY_S: Final = 5.0


class Watcher:
    """Takes note of the pairs of a match, and tells from time to time how it stands."""

    def __init__(
        self,
        first: str,
        second: str,
        num_games: int,
        sprt: Sprt | None,
        games: "GamesFile | None",
        *,
        num_known: int = 0,
    ) -> None:
        """Takes what it needs to know.

        Args:
            first, second: names of the players.
            num_games: how many the match has at most.
            sprt: its test, if it has one.
            games: gets every game.
            num_known: games that are counted without being played.
        """
        self.first, self.second = first, second
        self.num_games, self.sprt, self.games = num_games, sprt, games
        self.tally = Tally()
        """As of the last pair."""
        self.played: dict[int, str] = {}
        """The pairs played, by opening, in letters of `OUTCOMES`."""
        self.finished: list[FinishedGame] = []
        """The games played."""
        self.num_plies = 0
        self.num_endings = Counter[str]()
        self.faults = Faults(), Faults()
        """Of the first and the second player."""
        self.course = Course(f"{first} against {second}", num_games - num_known)
        self.is_plain = is_plain(sys.stderr)
        self.is_drawn = False
        self.started = self.told = perf_counter()

    @contextmanager
    def showing(self) -> Iterator[None]:
        """Shows on a terminal how the match stands while it is played inside."""
        display = Display(self.lines) if has_display() else None
        self.is_drawn = display is not None
        with nullcontext() if display is None else closing(display):
            yield

    def lines(self, columns: int) -> list[str]:
        """Returns how the match stands, for so many columns."""
        course = self.course
        standing = [self._standing() if self.played else course.counts] if course.num_ended else []
        ended = course.num_ended, course.num_games, course.elapsed_s
        return [course.title, *standing, progress_line(*ended, columns, is_plain=self.is_plain)]

    def note(self, game: FinishedGame) -> None:
        """Takes note of a game that ended, and tells from time to time how the match stands."""
        self.course.note(game)
        if not self.is_drawn and perf_counter() - self.told >= TELL_EVERY_S:
            self.told = perf_counter()
            say(self._standing() if self.played else str(self.course))

    def see(self, pair: Pair, tally: Tally) -> None:
        """Takes note of a pair that was played."""
        self.tally = tally
        self.played[pair[0].number // 2] = outcomes_of(pair)
        self.finished += pair
        for game in pair:
            self.num_plies += len(game.actions)
            self.num_endings[game.ended_by] += 1
            self.faults[0 if game.points == 0 else 1].note(game.forfeit)
        if self.games is not None:
            for record in match_records(pair, self.first, self.second):
                self.games.write(record)

    @property
    def mean_plies(self) -> float | None:
        """Plies of a game, None where none was played."""
        return self.num_plies / (2 * len(self.played)) if self.played else None

    @property
    def endings(self) -> dict[str, int]:
        """How many games ended in which way."""
        by_rules = [ending.name.lower() for ending in Ending if ending is not Ending.NONE]
        return {name: self.num_endings[name] for name in (*by_rules, *(kind for kind in ForfeitKind if kind.is_fault))}

    def _standing(self) -> str:
        """Says the score of the pairs played, in the order of their openings, and how many games ended beyond them."""
        score = self.tally.score()
        test = "" if self.sprt is None else f", llr {self.sprt.ratio(self.tally.pairs):.2f}"
        cut = f", {score.truncated} cut off{score.without_cut}" if score.truncated else ""
        text = f"{score.games}/{self.num_games} games: score {score.score:.3f} [{score.low:.3f}, {score.high:.3f}]"
        beyond = self.course.num_ended - len(self.finished)
        return f"{text}{cut}{test}{f'; {beyond} more have ended' if beyond else ''}"


def play_shown(names: tuple[str, str], players: tuple[Player, Player], *, num_games: int, **conditions: Any) -> Score:
    """Plays a match of players called so as `play_match` does, and shows meanwhile how it stands."""
    watcher = Watcher(*names, num_games, None, None)
    with watcher.showing():
        return play_match(*players, num_games=num_games, watch=watcher.see, ended=watcher.note, **conditions)


class GamesFile:
    """The file that gets every game of a match; where there is no more room the match goes on without it."""

    def __init__(self, path: Path, file: IO[str]) -> None:
        self.path = path
        self._file = file
        self.problem: OSError | None = None

    def write(self, record: dict[str, Any]) -> None:
        """Writes a game, unless an earlier one could not be written."""
        self._try(lambda: self._file.write(json.dumps(record) + "\n"))

    def close(self) -> None:
        """Writes what is left."""
        self._try(self._file.flush)
        try:
            self._file.close()
        except OSError as error:  # closed all the same
            self.problem = self.problem or error

    def _try(self, work: Callable[[], object]) -> None:
        if self.problem is not None:
            return
        try:
            work()
        except OSError as error:
            self.problem = error
            say(f"keisei: warning: {self.complaint}; the match goes on")

    @property
    def complaint(self) -> str:
        """Says that games are missing and why."""
        assert self.problem is not None
        return f"{self.path}: can't be written: {self.problem.strerror or self.problem}; games are missing in it"


@contextmanager
def games_file(path: Path, *, overwrite: bool) -> Iterator[GamesFile]:
    """Opens a file for the games of a match, before the first of them.

    Args:
        path: the file.
        overwrite: write over what stands in it.

    Raises:
        ConfigError: it can't be written, or has something in it that was not to be written over.
    """
    is_taken = path.is_file() and path.stat().st_size > 0
    if is_taken and not overwrite:
        raise ConfigError([f"{path}: has something in it; name another file, or write over it with --overwrite"])
    with file_errors(path, "written"):
        file = path.open("w", encoding="utf-8")
    games = GamesFile(path, file)
    try:
        yield games
    finally:
        games.close()
