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

    Wilson's interval for the number of independent games that would vary as the pairs do (pentanomial statistics: the
    two games of a pair are not independent). One pair that varies as independent games would is added, and never more
    games are counted than were played: a match of few or of many drawn games then promises too little, not too much.

    Args:
        pair_scores: float64 [P], points per game of each pair: 0, 1/4, 1/2, 3/4 or 1.
    """
    count, mean = len(pair_scores), float(pair_scores.mean())
    shrunk = (float(pair_scores.sum()) + 0.5) / (count + 1)
    per_game = shrunk * (1 - shrunk)
    variance = (float(np.square(pair_scores - mean).sum()) + per_game / 2) / count
    games = min(count * per_game / variance, 2.0 * count)
    z2 = NORMAL_95**2
    centre = (mean + z2 / (2 * games)) / (1 + z2 / games)
    half = NORMAL_95 / (1 + z2 / games) * math.sqrt(mean * (1 - mean) / games + z2 / (4 * games**2))
    return max(0.0, centre - half), min(1.0, centre + half)
