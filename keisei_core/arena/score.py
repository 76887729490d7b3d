"""The score of a match and how sure one can be of it."""

import math
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

NORMAL_95: Final = 1.959964
"""Two-sided 95 % quantile of the normal distribution."""


@attrs.frozen(kw_only=True)
class Score:
    """Results of paired games, seen by the first player."""

    wins: int
    draws: int
    losses: int
    truncated: int
    """Games cut off for their length, counted as half a point but not among the draws."""
    low: float
    """Lower end of the 95 % interval of `score`."""
    high: float
    """Upper end of the same."""

    @property
    def games(self) -> int:
        """Games played."""
        return self.wins + self.draws + self.losses + self.truncated

    @property
    def score(self) -> float:
        """Points per game: 1 for a win, 1/2 for a draw or a game cut off."""
        return (self.wins + 0.5 * (self.draws + self.truncated)) / self.games

    def __str__(self) -> str:
        counts = f"W {self.wins} D {self.draws} L {self.losses}, {self.truncated} cut off"
        return f"score {self.score:.2f} [{self.low:.2f}, {self.high:.2f}] over {self.games} games ({counts})"


def pair_interval(pair_scores: NDArray[np.float64]) -> tuple[float, float]:
    """Returns the 95 % interval of the mean score from pairs of games that share an opening.

    The pair is the unit, since its two games are not independent (pentanomial statistics). Wilson's form keeps the
    interval inside 0..1 and wider than nothing when every pair went the same way.

    Args:
        pair_scores: float64 [P], points per game of each pair: 0, 1/4, 1/2, 3/4 or 1.
    """
    count, mean = len(pair_scores), float(pair_scores.mean())
    binomial = mean * (1 - mean)
    # A pair varies less than a single game would; this many independent games would vary as the pairs do.
    variance = float(pair_scores.var())
    effective = count * binomial / variance if variance > 0 else float(2 * count)
    z2 = NORMAL_95**2
    centre = (mean + z2 / (2 * effective)) / (1 + z2 / effective)
    half = NORMAL_95 / (1 + z2 / effective) * math.sqrt(binomial / effective + z2 / (4 * effective**2))
    return max(0.0, centre - half), min(1.0, centre + half)
