"""Showing how a run goes: a live display on a terminal, plain lines elsewhere. Logs go to stderr."""

import time
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from keisei_core.arena.course import Course
from keisei_core.display import has_display
from keisei_core.distribution import never
from keisei_core.run.live_progress import LiveProgress, eta
from keisei_core.run.metrics import Outlook
from keisei_core.streams import say

PLAIN_INTERVAL_S: Final = 10.0
"""Least time between two plain lines about updates, or about a match."""

IN_A_LINE: Final = (
    ("policy_loss", "policy {:+.4f}"),
    ("value_loss", "value {:.4f}"),
    ("entropy", "entropy {:.3f}"),
    ("kl", "kl {:.4f}"),
    ("explained_variance", "ev {:+.3f}"),
    ("wait_share", "waited {:.0%}"),
)
"""What a plain line shows of what the algorithm tells; and of a run that plays ahead, the share of time waited."""


class Progress(Protocol):
    """Shows the state of a run."""

    def update(self, metrics: Mapping[str, float], outlook: Outlook) -> None:
        """Shows the figures of one update and how far the run has come."""
        ...

    def match(self, course: Course) -> None:
        """Shows a match; called as it begins and as each of its games ends."""
        ...

    def finish(self, num_games: int) -> None:
        """Shows that only matches are left, of so many games together."""
        ...

    def say(self, line: str) -> None:
        """Shows a line that stays."""
        ...

    def close(self) -> None:
        """Leaves the terminal as it was."""
        ...


def open_progress(is_stopping: Callable[[], bool] = never) -> Progress:
    """Returns the live display where stderr is a terminal that can show it, plain lines otherwise.

    Args:
        is_stopping: tells whether the run was asked to stop; a terminal is left alone then, for the next signal ends
            the process at once.
    """
    return LiveProgress(is_stopping) if has_display() else PlainProgress()


class PlainProgress:
    """One line every ten seconds or so."""

    def __init__(self) -> None:
        self.last_line_s = -PLAIN_INTERVAL_S

    def update(self, metrics: Mapping[str, float], outlook: Outlook) -> None:
        """Writes a line if the last one is long enough ago, or at the end."""
        if not self._is_time() and not outlook.is_over:
            return
        words = [
            f"update {outlook.done}/{outlook.total}",
            f"plies {int(metrics['plies']):,}",
            f"{metrics['plies_per_s']:,.0f} plies/s",
            f"{metrics['games_per_s']:.1f} games/s",
            *(form.format(metrics[name]) for name, form in IN_A_LINE if name in metrics),
            eta(outlook).replace("ETA", "eta"),
        ]
        self.say("  ".join(words))

    def match(self, course: Course) -> None:
        """Writes a line if the last one is long enough ago."""
        if course.num_ended and self._is_time():
            self.say(f"match against {course}")

    def finish(self, num_games: int) -> None:
        """Does nothing."""

    def _is_time(self) -> bool:
        """Tells whether the last line is long enough ago; a line is then expected."""
        now = time.monotonic()
        is_time = now - self.last_line_s >= PLAIN_INTERVAL_S
        self.last_line_s = now if is_time else self.last_line_s
        return is_time

    def say(self, line: str) -> None:
        """Writes a line to stderr; where nobody reads it any more the run goes on unseen."""
        say(line)

    def close(self) -> None:
        """Does nothing."""


class NoProgress:
    """Nothing: another process shows how the run goes."""

    def update(self, metrics: Mapping[str, float], outlook: Outlook) -> None:
        """Does nothing."""

    def match(self, course: Course) -> None:
        """Does nothing."""

    def finish(self, num_games: int) -> None:
        """Does nothing."""

    def say(self, line: str) -> None:
        """Does nothing."""

    def close(self) -> None:
        """Does nothing."""
