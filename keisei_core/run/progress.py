"""Showing how a run goes: a live display on a terminal, plain lines elsewhere. Logs go to stderr."""

import os
import sys
import time
from collections.abc import Mapping
from typing import Final, Protocol, TextIO, cast

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from keisei_core.run.metrics import Outlook
from keisei_core.shown import shown_lines
from keisei_core.streams import SturdyStream, say

PLAIN_INTERVAL_S: Final = 10.0
"""Least time between two plain lines about updates."""

SHOWN: Final = (
    ("policy loss", "policy_loss", "{:+.4f}"),
    ("value loss", "value_loss", "{:.4f}"),
    ("entropy", "entropy", "{:.3f} nats"),
    ("KL", "kl", "{:.4f} nats"),
    ("explained variance", "explained_variance", "{:+.3f}"),
    ("clip fraction", "clip_fraction", "{:.3f}"),
    ("game length", "mean_game_plies", "{:.0f} plies"),
    ("cut off", "truncation_rate", "{:.2f}"),
)
"""What the live display shows, of what the algorithm tells."""
IN_A_LINE: Final = (
    ("policy_loss", "policy {:+.4f}"),
    ("value_loss", "value {:.4f}"),
    ("entropy", "entropy {:.3f}"),
    ("kl", "kl {:.4f}"),
    ("explained_variance", "ev {:+.3f}"),
)
"""What a plain line shows, of what the algorithm tells."""


class Progress(Protocol):
    """Shows the state of a run."""

    def update(self, metrics: Mapping[str, float], outlook: Outlook) -> None:
        """Shows the figures of one update and how far the run has come."""
        ...

    def say(self, line: str) -> None:
        """Shows a line that stays."""
        ...

    def close(self) -> None:
        """Leaves the terminal as it was."""
        ...


def open_progress() -> Progress:
    """Returns the live display where stderr is a terminal that can show it, plain lines otherwise."""
    dumb = os.environ.get("TERM") == "dumb" or "CI" in os.environ
    return LiveProgress() if sys.stderr and sys.stderr.isatty() and not dumb else PlainProgress()


class PlainProgress:
    """One line every ten seconds or so."""

    def __init__(self) -> None:
        self.last_line_s = -PLAIN_INTERVAL_S

    def update(self, metrics: Mapping[str, float], outlook: Outlook) -> None:
        """Writes a line if the last one is long enough ago, or at the end."""
        now = time.monotonic()
        if now - self.last_line_s < PLAIN_INTERVAL_S and not outlook.is_over:
            return
        self.last_line_s = now
        words = [
            f"update {outlook.done}/{outlook.total}",
            f"plies {int(metrics['plies']):,}",
            f"{metrics['plies_per_s']:,.0f} plies/s",
            f"{metrics['games_per_s']:.1f} games/s",
            *(form.format(metrics[name]) for name, form in IN_A_LINE if name in metrics),
            f"eta {_clock(outlook.left_s)}",
        ]
        self.say("  ".join(words))

    def say(self, line: str) -> None:
        """Writes a line to stderr; where nobody reads it any more the run goes on unseen."""
        say(line)

    def close(self) -> None:
        """Does nothing."""


class NoProgress:
    """Nothing: another process shows how the run goes."""

    def update(self, metrics: Mapping[str, float], outlook: Outlook) -> None:
        """Does nothing."""

    def say(self, line: str) -> None:
        """Does nothing."""

    def close(self) -> None:
        """Does nothing."""


class LiveProgress:
    """A bar and the latest figures, redrawn in place; where the terminal is gone the run goes on unseen."""

    def __init__(self) -> None:
        self.console = Console(file=cast(TextIO, SturdyStream(sys.stderr)), stderr=True)
        self.live = Live("playing the first games", console=self.console, refresh_per_second=4, transient=True)
        self.live.start()

    def update(self, metrics: Mapping[str, float], outlook: Outlook) -> None:
        """Redraws the display."""
        table = Table.grid(padding=(0, 3, 0, 0))
        table.add_row("update", f"{outlook.done} / {outlook.total}", "plies", f"{int(metrics['plies']):,}")
        table.add_row(
            "speed",
            f"{metrics['plies_per_s']:,.0f} plies/s",
            "games",
            f"{int(metrics['games']):,}  ({metrics['games_per_s']:.1f} games/s)",
        )
        cells = [(label, form.format(metrics[name])) for label, name, form in SHOWN if name in metrics]
        for left, right in zip(cells[::2], cells[1::2], strict=False):
            table.add_row(*left, *right)
        table.add_row("elapsed", _clock(outlook.elapsed_s), "ETA", _clock(outlook.left_s))
        display = Table.grid()
        display.add_row(ProgressBar(total=1.0, completed=outlook.share, width=60))
        display.add_row(table)
        self.live.update(display)

    def say(self, line: str) -> None:
        """Prints a line above the display."""
        self.console.print(shown_lines(line), markup=False, highlight=False, soft_wrap=True)

    def close(self) -> None:
        """Takes the display away."""
        self.live.stop()


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
