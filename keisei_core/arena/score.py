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

WIN, DRAW, LOSS, CUT = OUTCOMES = "WDLC"
"""What becomes of a game, seen by the first player; cut: it was cut off for its length."""
POINTS: Final = {WIN: 1.0, DRAW: 0.5, LOSS: 0.0, CUT: 0.5}

ALMOST_NOTHING: Final = 1e-9
"""A share of the points this near to 0 or 1 is 0 or 1 but for rounding."""

Pentanomial = tuple[int, int, int, int, int]
"""Pairs of games by the points that the first player took in them: 0, 1/2, 1, 3/2, 2."""


def _pentanomial(counts: Iterable[int]) -> Pentanomial:
    """Takes a list too, as JSON has it."""
    none, half, one, more, two = counts
    return none, half, one, more, two


class Result(Protocol):
    """What is counted of one game played."""

    @property
    def points(self) -> float:
        """The first player's."""

    @property
    def ending(self) -> Ending:
        """Why it ended."""


def outcomes_of(pair: Iterable[Result]) -> str:
    """Returns the letters of a pair's two games, of `OUTCOMES`."""
    return "".join(
        CUT if game.ending == Ending.MAX_PLIES else {1.0: WIN, 0.5: DRAW, 0.0: LOSS}[game.points] for game in pair
    )


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
    def decided(self) -> float | None:
        """Points per game of those that the rules ended, draws among them; None where every game was cut off."""
        num_decided = self.games - self.truncated
        return (self.wins + 0.5 * self.draws) / num_decided if num_decided else None

    @property
    def elo(self) -> tuple[float, float, float]:
        """Elo difference and the ends of its 95 % interval; infinite where every game went one way."""
        return elo_of(self.score), elo_of(self.low), elo_of(self.high)

    def to_data(self) -> dict[str, int | float]:
        """Returns the counts of games, the score and the ends of its interval as JSON-able data."""
        counts = {name: getattr(self, name) for name in ("games", "wins", "draws", "losses", "truncated")}
        return {**counts, "score": self.score, "score_low": self.low, "score_high": self.high}

    def __str__(self) -> str:
        counts = f"W {self.wins} D {self.draws} L {self.losses}, {self.truncated} cut off{self.without_cut}"
        return f"score {self.score:.2f} [{self.low:.2f}, {self.high:.2f}] over {self.games} games ({counts})"

    @property
    def doubt(self) -> str:
        """Says that no game ended by the rules, which leaves a score that says nothing; empty where one did."""
        if self.decided is not None:
            return ""
        return f"none of the {self.games} games ended before it was cut off: 0.50 is no sign of equal strength"

    @property
    def without_cut(self) -> str:
        """What stands behind the number of games cut off: the score of the others, where any were and others are."""
        return "" if not self.truncated or self.decided is None else f", {self.decided:.3f} without them"


class Tally:
    """Counts the pairs of a match."""

    def __init__(self) -> None:
        self.points: list[float] = []
        """First player's points in each pair, 0 to 2."""
        self.outcomes = dict.fromkeys(OUTCOMES, 0)

    def add(self, pair: Iterable[Result]) -> None:
        """Counts both games of a pair."""
        self.count(outcomes_of(pair))

    def count(self, outcomes: str) -> None:
        """Counts a pair by its letters."""
        self.points.append(sum(POINTS[outcome] for outcome in outcomes))
        for outcome in outcomes:
            self.outcomes[outcome] += 1

    @property
    def pairs(self) -> Pentanomial:
        """The pairs by points."""
        counts = np.bincount(np.rint(2 * np.array(self.points)).astype(np.int64), minlength=5)
        return _pentanomial(counts.tolist())

    def score(self) -> Score:
        """Returns the score so far; at least one pair must have been counted."""
        low, high = pair_interval(np.array(self.points) / 2)
        wins, draws, losses, truncated = self.outcomes.values()
        return Score(wins=wins, draws=draws, losses=losses, truncated=truncated, low=low, high=high, pairs=self.pairs)


def score_of_pairs(outcomes: Iterable[str]) -> Score:
    """Returns the score of pairs, at least one, each in letters of `OUTCOMES`."""
    tally = Tally()
    for pair in outcomes:
        tally.count(pair)
    return tally.score()


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
