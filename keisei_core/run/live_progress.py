"""The live display of a run on a terminal: figures with their course, the match under way, the time to go."""

import sys
from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import Final

from keisei_core.arena.course import Course, progress_line
from keisei_core.display import Display, bar, clock, is_plain
from keisei_core.distribution import never
from keisei_core.run.metrics import Outlook
from keisei_core.run.sparkline import Sparkline

SHOWN: Final = (
    ("score", "score", "{:.2f}"),
    ("entropy", "entropy", "{:.3f} nats"),
    ("explained var.", "explained_variance", "{:+.3f}"),
    ("game length", "mean_game_plies", "{:.0f} plies"),
    ("policy loss", "policy_loss", "{:+.4f}"),
    ("value loss", "value_loss", "{:.4f}"),
    ("KL", "kl", "{:.4f} nats"),
    ("clip fraction", "clip_fraction", "{:.3f}"),
    ("speed", "plies_per_s", "{:,.0f} plies/s"),
    ("cut off", "truncation_rate", "{:.2f}"),
    ("waited", "wait_share", "{:.0%}"),
)
"""Figures of an update that are shown with their course, where it has them: not all have a match or play ahead."""
LABEL, VALUE = 15, 15
"""Columns of a figure's name and of its value."""
LEAST_SPARKS: Final = 6
MOST_SPARKS: Final = 40
GAP: Final = 3
TWO_IN_A_ROW: Final = 70
"""From so many columns on, two figures stand side by side."""


class LiveProgress:
    """Shows a run in lines that are drawn in place; where the terminal is gone the run goes on unseen."""

    def __init__(self, is_over: Callable[[], bool] = never) -> None:
        """Begins to show.

        Args:
            is_over: once it says so, nothing is drawn any more; see `Display`.
        """
        self.metrics: dict[str, float] = {}
        self.sparklines = {name: Sparkline() for _, name, _ in SHOWN}
        self.outlook: Outlook | None = None
        self.course: Course | None = None
        """Of the match under way."""
        self.num_to_play = self.num_played = 0
        """Games of the matches at the end, and of those among them that are over."""
        self.updated_s = monotonic()
        self.is_plain = is_plain(sys.stderr)
        self.display = Display(self.lines, is_over)

    def update(self, metrics: Mapping[str, float], outlook: Outlook) -> None:
        """Shows the figures of an update."""
        for name, sparkline in self.sparklines.items():
            if name in metrics:
                sparkline.add(metrics[name])
        self.metrics |= metrics
        self.outlook, self.course, self.updated_s = outlook, None, monotonic()
        self.display.draw()

    def match(self, course: Course) -> None:
        """Shows a match; its games are drawn as they end."""
        if course is self.course:
            return
        if self.num_to_play and self.course is not None:
            self.num_played += self.course.num_games
        self.course = course
        self.display.draw()

    def finish(self, num_games: int) -> None:
        """Shows that only matches are left, of so many games together."""
        self.num_to_play, self.num_played, self.course = num_games, 0, None
        self.updated_s = monotonic()
        self.display.draw()

    def say(self, line: str) -> None:
        """Prints a line above the display."""
        self.display.say(line)

    def close(self) -> None:
        """Takes the display away."""
        self.display.close()

    def lines(self, columns: int) -> list[str]:
        """Returns the lines for so many columns."""
        return [*self._head(columns), *self._figures(columns), *self._matches(columns), *self._times()]

    def _head(self, columns: int) -> Iterator[str]:
        outlook = self.outlook
        if outlook is None:
            yield "playing the first games"
            return
        told = f"update {outlook.done} / {outlook.total}"
        yield f"{bar(outlook.share, max(min(columns - 26, 60), 10), is_plain=self.is_plain)}  {told}"
        games = f"{int(self.metrics['games']):,} games ({self.metrics['games_per_s']:.1f}/s)"
        yield f"{int(self.metrics['plies']):,} plies   {games}"

    def _figures(self, columns: int) -> Iterator[str]:
        """Yields rows of figures, each with its course where there is room."""
        known = [(label, name, form) for label, name, form in SHOWN if name in self.metrics]
        in_a_row = 2 if columns >= TWO_IN_A_ROW else 1
        width = min((columns - GAP * (in_a_row - 1)) // in_a_row, LABEL + VALUE + MOST_SPARKS)
        cells = [self._cell(label, form.format(self.metrics[name]), name, width) for label, name, form in known]
        for begin in range(0, len(cells), in_a_row):
            yield (" " * GAP).join(cell.ljust(width) for cell in cells[begin : begin + in_a_row]).rstrip()

    def _cell(self, label: str, value: str, name: str, width: int) -> str:
        room = width - LABEL - VALUE
        has_room = room >= LEAST_SPARKS and not self.is_plain
        sparks = self.sparklines[name].line(min(room, MOST_SPARKS)) if has_room else ""
        return f"{label:<{LABEL}}{value:<{VALUE}}{sparks}"

    def _matches(self, columns: int) -> Iterator[str]:
        course = self.course  # the run's thread may end it while this one draws
        if course is not None:
            yield f"match: {course.counts}, against {course.title}"
        if self.num_to_play:
            played = self.num_played + (course.num_ended if course else 0)
            elapsed_s = monotonic() - self.updated_s
            yield progress_line(played, self.num_to_play, elapsed_s, columns, is_plain=self.is_plain)

    def _times(self) -> Iterator[str]:
        if self.outlook is not None and not self.num_to_play:
            since_s = monotonic() - self.updated_s
            yield f"elapsed {clock(self.outlook.elapsed_s + since_s)}   {eta(self.outlook, since_s)}"


def eta(outlook: Outlook, since_s: float = 0.0) -> str:
    """Writes the time to go, that of the matches at the end included where one was played that tells of it.

    Args:
        outlook: as of the last update.
        since_s: seconds since then.
    """
    left = f"ETA {clock(max(outlook.left_s - since_s, 0.0))}"
    return f"{left} + the last matches" if outlook.finishing_s is None else left
