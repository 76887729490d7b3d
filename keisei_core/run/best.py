"""The best network of a run so far: by a match against the best one before it, or by a figure that the config names."""

import math
from collections.abc import Callable, Mapping
from typing import Final

import attrs

from keisei_core.config.wording import did_you_mean
from keisei_core.run.metrics import NOT_ALWAYS

MATCH_SCORE: Final = "score"
"""Matches during training decide."""
ENOUGH: Final = 0.55
"""Share of the points by which a network takes the place of the best one; AlphaGo Zero's.

With 60 games and a half of the points a network that has got worse takes the place too often; where an interval must
lie above a half, one that has got better is turned away (docs/checkpoints.md).
"""
LOWEST: Final = "-"
"""In front of a figure's name: its lowest value is best."""


@attrs.frozen(kw_only=True)
class Best:
    """A network of the run and what speaks for it."""

    update: int
    """After which update it was."""
    score: float
    """The figure's value; of a match 0 to 1."""
    opponent: str = ""
    """Of a match: `update-000040`, the best one before; of the first the configured opponent; else nobody."""
    figure: str = MATCH_SCORE
    """Its name among the metrics; behind `LOWEST` where lower is better."""

    def beats(self, other: "Best | None") -> bool:
        """Tells whether this is the best now; another figure counts no more.

        Of equal ones the later is not: one at its ceiling would be saved every time.
        """
        if other is None or self.figure != other.figure:
            return True
        return self.score < other.score if self.figure.startswith(LOWEST) else self.score > other.score


class BestByFigure:
    """Looks for the figure that the config names, where that is not the score of the matches."""

    def __init__(self, figure: str, warn: Callable[[str], None]) -> None:
        """Begins.

        Args:
            figure: its name among the metrics; behind `LOWEST` where lower is better.
            warn: is told where the first update has no such figure, which is none of those that only some have.
        """
        self.figure = figure
        self.warn = warn
        self._has_looked = False

    @property
    def is_asked(self) -> bool:
        """False where the score of the matches decides."""
        return self.figure != MATCH_SCORE

    def judge(self, update: int, metrics: Mapping[str, float], best: Best | None) -> Best | None:
        """Returns the best network, which may be the present one.

        Args:
            update: the present one.
            metrics: its figures.
            best: up to now.
        """
        if not self.is_asked:
            return best
        name = self.figure.removeprefix(LOWEST)
        value = metrics.get(name)
        if value is None and name not in NOT_ALWAYS and not self._has_looked:
            hint = did_you_mean(name, metrics) or "; see metrics.jsonl for those that there are"
            told = f"warning: update {update} has no figure {name!r}, by which [checkpoint] best_by chooses{hint}"
            self.warn(f"{told}; no checkpoint is the best before there is one")
        self._has_looked = True
        if value is None or not math.isfinite(value):
            return best
        latest = Best(update=update, score=value, figure=self.figure)
        return latest if latest.beats(best) else best
