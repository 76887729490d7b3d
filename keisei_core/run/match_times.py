"""What matches of a run take: shown while they are played, and foretold for those at its end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from keisei_core.arena.course import Course
from keisei_core.arena.parallel_games import FinishedGame


def _unseen(_: Course) -> None:
    """Shows nothing."""


class MatchTimes:
    """Counts seconds and games of the matches that this process plays."""

    def __init__(self) -> None:
        self.show: Callable[[Course], None] = _unseen
        """Is told of a match as it begins, and as each of its games ends."""
        self.seconds = 0.0
        self.num_games = 0

    @contextmanager
    def watched(self, title: str, num_games: int) -> Iterator[Callable[[FinishedGame], None]]:
        """Counts the match that is played inside; gives what is to be called with each game as it ends.

        Args:
            title: whom the trained player meets.
            num_games: that this process plays.
        """
        course = Course(title, num_games)
        self.show(course)

        def ended(game: FinishedGame) -> None:
            course.note(game)
            self.show(course)

        yield ended
        self.seconds += course.elapsed_s
        self.num_games += course.num_ended

    def expected_s(self, num_games: int) -> float | None:
        """Returns how long so many games may take, all together, at the speed so far; None before there was any."""
        return self.seconds / self.num_games * num_games if self.num_games else None
