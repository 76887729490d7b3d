"""The score of a match and how sure one can be of it."""

import math
from collections.abc import Iterable
from typing import Final, Protocol

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi import Ending

NORMAL_95: Final = 1.959964
"""Two-sided 95 % quantile of the normal distribution."""
ELO_SCALE: Final = 400.0
"""Elo for a factor of ten in the odds."""

ALMOST_NOTHING: Final = 1e-9
"""A share of the points this near to 0 or 1 is 0 or 1 but for rounding."""

Pentanomial = tuple[int, int, int, int, int]
"""Pairs of games by the points that the first player took in them: 0, 1/2, 1, 3/2, 2."""


def _pentanomial(counts: Iterable[int]) -> Pentanomial:
    """Takes a list too, as JSON has it."""
    none, half, one, more, two = counts
    return none, half, one, more, two


class Result(Protocol):
    """What is counted of one game."""

    @property
    def points(self) -> float:
        """The first player's."""

    @property
    def ending(self) -> Ending:
        """Why it ended."""


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
    pairs: Pentanomial = attrs.field(default=(0, 0, 0, 0, 0), converter=_pentanomial)

    @property
    def games(self) -> int:
        """Games played."""
        return self.wins + self.draws + self.losses + self.truncated

    @property
    def score(self) -> float:
        """Points per game: 1 for a win, 1/2 for a draw or a game cut off."""
        return (self.wins + 0.5 * (self.draws + self.truncated)) / self.games

    @property
    def elo(self) -> tuple[float, float, float]:
        """Elo difference and the ends of its 95 % interval; infinite where every game went one way."""
        return elo_of(self.score), elo_of(self.low), elo_of(self.high)

    def __str__(self) -> str:
        counts = f"W {self.wins} D {self.draws} L {self.losses}, {self.truncated} cut off"
        return f"score {self.score:.2f} [{self.low:.2f}, {self.high:.2f}] over {self.games} games ({counts})"


class Tally:
    """Counts the pairs of a match."""

    def __init__(self) -> None:
        self.points: list[float] = []
        """First player's points in each pair, 0 to 2."""
        self.outcomes = [0, 0, 0, 0]
        """Losses, draws, wins, games cut off."""
        self.endings = [0] * len(Ending)

    def add(self, pair: Iterable[Result]) -> None:
        """Counts both games of a pair."""
        total = 0.0
        for game in pair:
            total += game.points
            self.endings[game.ending] += 1
            self.outcomes[3 if game.ending == Ending.MAX_PLIES else round(2 * game.points)] += 1
        self.points.append(total)

    @property
    def pairs(self) -> Pentanomial:
        """The pairs by points."""
        counts = np.bincount(np.rint(2 * np.array(self.points)).astype(np.int64), minlength=5)
        return _pentanomial(counts.tolist())

    def score(self) -> Score:
        """Returns the score so far; at least one pair must have been counted."""
        low, high = pair_interval(np.array(self.points) / 2)
        losses, draws, wins, truncated = self.outcomes
        return Score(wins=wins, draws=draws, losses=losses, truncated=truncated, low=low, high=high, pairs=self.pairs)


def games_in(pairs: Pentanomial) -> int:
    """Returns how many games pairs are made of."""
    return 2 * sum(pairs)


def points_in(pairs: Pentanomial) -> float:
    """Returns the first player's points in all pairs."""
    return sum(kind * count for kind, count in enumerate(pairs)) / 2


def elo_of(score: float) -> float:
    """Returns the Elo difference at which a player scores this share of the points."""
    if not ALMOST_NOTHING < score < 1 - ALMOST_NOTHING:
        return math.inf if score > 0.5 else -math.inf
    return ELO_SCALE * math.log10(score / (1 - score))


def score_of(elo: float) -> float:
    """Returns the share of the points expected at an Elo difference."""
    return 1 / (1 + 10 ** (-elo / ELO_SCALE))


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
