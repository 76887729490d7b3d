"""How a match stands while it is played."""

from time import monotonic

from keisei_core.arena.parallel_games import FinishedGame
from keisei_core.display import bar, clock
from keisei_core.shogi import Ending


class Course:
    """Counts the games of a match as they end.

    Short games end first, and a loser may lose them faster than a winner wins: its score is a first impression.
    """

    def __init__(self, title: str, num_games: int) -> None:
        """Begins with no game.

        Args:
            title: who plays.
            num_games: that are to be played.
        """
        self.title, self.num_games = title, num_games
        self.num_ended = self.num_cut = 0
        self.points = 0.0
        """Of the first player."""
        self.began_s = monotonic()

    def note(self, game: FinishedGame) -> None:
        """Counts a game that ended."""
        self.num_ended += 1
        self.points += game.points
        self.num_cut += game.ending == Ending.MAX_PLIES

    @property
    def elapsed_s(self) -> float:
        """Seconds since it began."""
        return monotonic() - self.began_s

    @property
    def counts(self) -> str:
        """Says how many games have ended, and how."""
        score = f", {self.points / self.num_ended:.2f} so far" if self.num_ended else ""
        cut = f", {self.num_cut} cut off" if self.num_cut else ""
        return f"{self.num_ended}/{self.num_games} games{score}{cut}"

    def __str__(self) -> str:
        return f"{self.title}: {self.counts}"


def progress_line(num_ended: int, num_games: int, elapsed_s: float, columns: int, *, is_plain: bool) -> str:
    """Returns a bar of games with the time that went by, and the time to go once a game has ended."""
    left = f"  ETA {clock(elapsed_s / num_ended * (num_games - num_ended))}" if num_ended else ""
    told = f"{num_ended} of {num_games} games  elapsed {clock(elapsed_s)}{left}"
    share = num_ended / num_games if num_games else 0.0
    return f"{bar(share, max(min(columns - 45, 60), 10), is_plain=is_plain)}  {told}"
