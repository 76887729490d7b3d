"""Ratings of many players from all their matches at once: a Bradley-Terry fit.

Shape key: K players, M matches. One player is pinned at 0; a player's strength is his Elo divided by 400 / ln 10.
"""

import math
from collections.abc import Sequence
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.arena.score import NORMAL_95, Pentanomial, games_in, points_in

Float64Array = NDArray[np.float64]

ELO_PER_STRENGTH: Final = 400 / math.log(10)
VIRTUAL_DRAWS: Final = 1.0
"""Per player, spread over his matches by their length: whoever won or lost every game still gets a finite rating."""
MAX_STEPS: Final = 200
MAX_STEP: Final = 2.0
CLOSE_ENOUGH: Final = 1e-10


@attrs.frozen
class RatedMatch:
    """A match between two players, by number."""

    first: int
    second: int
    pairs: Pentanomial
    """Pairs of games by the first player's points."""

    @property
    def games(self) -> int:
        """Games played."""
        return games_in(self.pairs)

    @property
    def points(self) -> float:
        """The first player's points."""
        return points_in(self.pairs)


@attrs.frozen(eq=False, kw_only=True)
class Ratings:
    """Elo of K players; nan where no chain of matches leads to the pinned one."""

    elo: Float64Array
    """float64 [K]."""
    covariance: Float64Array
    """float64 [K, K], of the Elo; zero for the pinned player."""
    dispersion: float
    """By how much pairs of games vary more than independent games would, at least 1; the covariance has it in it."""

    def interval(self, player: int) -> tuple[float, float]:
        """Returns the 95 % interval of a player's Elo above the pinned player's."""
        half = NORMAL_95 * math.sqrt(self.covariance[player, player])
        return float(self.elo[player] - half), float(self.elo[player] + half)

    def difference(self, player: int, other: int) -> tuple[float, float]:
        """Returns a difference in Elo and half its 95 % interval."""
        variance = self.covariance[player, player] + self.covariance[other, other] - 2 * self.covariance[player, other]
        return float(self.elo[player] - self.elo[other]), NORMAL_95 * math.sqrt(max(float(variance), 0.0))


def fit_ratings(num_players: int, matches: Sequence[RatedMatch], pinned: int) -> Ratings:
    """Fits the most likely ratings, a draw taken for half a win and half a loss.

    The covariance is that of the fit (inverse Fisher information) times the dispersion of the pairs of games, since the
    two games of a pair are not independent.

    Args:
        num_players: K.
        matches: between players 0 to K - 1.
        pinned: whose rating is 0.
    """
    matches = [match for match in matches if match.games and match.first != match.second]
    rated = _connected(num_players, matches, pinned)
    matches = [match for match in matches if rated[match.first]]
    free = np.flatnonzero(rated & (np.arange(num_players) != pinned))
    first = np.array([match.first for match in matches], np.int64)
    second = np.array([match.second for match in matches], np.int64)
    games, points = _with_virtual_draws(num_players, matches)
    strength = np.zeros(num_players)
    for _ in range(MAX_STEPS):
        slope, information = _derivatives(strength, first, second, games, points)
        if not len(free):
            break
        step = np.linalg.solve(information[np.ix_(free, free)], slope[free])
        strength[free] += np.clip(step, -MAX_STEP, MAX_STEP)
        if np.abs(step).max() < CLOSE_ENOUGH:
            break
    covariance = np.zeros((num_players, num_players))
    dispersion = _dispersion(strength, matches)
    if len(free):
        covariance[np.ix_(free, free)] = np.linalg.inv(information[np.ix_(free, free)]) * dispersion
    elo = np.where(rated, strength * ELO_PER_STRENGTH, np.nan)
    return Ratings(elo=elo, covariance=covariance * ELO_PER_STRENGTH**2, dispersion=dispersion)


def expected(difference: Float64Array) -> Float64Array:
    """Returns the share of points expected at a difference of strength."""
    share: Float64Array = 1 / (1 + np.exp(-difference))
    return share


def _connected(num_players: int, matches: Sequence[RatedMatch], pinned: int) -> NDArray[np.bool_]:
    """Tells which players a chain of matches leads to from the pinned one."""
    reached: NDArray[np.bool_] = np.arange(num_players) == pinned
    for _ in range(num_players):
        for match in matches:
            if reached[match.first] or reached[match.second]:
                reached[[match.first, match.second]] = True
    return reached


def _with_virtual_draws(num_players: int, matches: Sequence[RatedMatch]) -> tuple[Float64Array, Float64Array]:
    """Returns games and first player's points of every match, float64 [M], each player's virtual draws added."""
    games = np.array([match.games for match in matches], np.float64)
    points = np.array([match.points for match in matches], np.float64)
    of_player = np.zeros(num_players)
    for match in matches:
        of_player[[match.first, match.second]] += match.games
    shares = np.array([match.games / of_player[[match.first, match.second]] for match in matches]).reshape(-1, 2)
    draws = VIRTUAL_DRAWS * shares.sum(axis=1)
    return games + draws, points + draws / 2


def _derivatives(
    strength: Float64Array,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    games: Float64Array,
    points: Float64Array,
) -> tuple[Float64Array, Float64Array]:
    """Returns the log-likelihood's slope [K] and its negative second derivative [K, K]."""
    count = len(strength)
    slope, information = np.zeros(count), np.zeros((count, count))
    share = expected(strength[first] - strength[second])
    surplus, weight = points - games * share, games * share * (1 - share)
    np.add.at(slope, first, surplus)
    np.add.at(slope, second, -surplus)
    np.add.at(information, (first, first), weight)
    np.add.at(information, (second, second), weight)
    np.add.at(information, (first, second), -weight)
    np.add.at(information, (second, first), -weight)
    return slope, information


def _dispersion(strength: Float64Array, matches: Sequence[RatedMatch]) -> float:
    """Returns the squared surprise of all pairs over what independent games without draws would give, at least 1."""
    surprise = variance = 0.0
    for match in matches:
        share = float(expected(strength[match.first] - strength[match.second]))
        surprise += sum(count * (kind / 2 - 2 * share) ** 2 for kind, count in enumerate(match.pairs))
        variance += sum(match.pairs) * 2 * share * (1 - share)
    return max(1.0, surprise / variance) if variance > 0 else 1.0
