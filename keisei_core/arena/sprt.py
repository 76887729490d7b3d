"""The sequential probability ratio test: a match that stops as soon as it is decided.

The generalised SPRT of fishtest over pentanomial counts: the log-likelihood ratio of the two most likely distributions
of a pair's points whose mean is the score at Elo `elo1` and at `elo0` (logistic Elo). M. Van den Bergh, "A practical
introduction to the GSPRT", and "Comments on the MLE of a multinomial distribution under a constraint", Proposition 1.1.
Bounds are Wald's, without correction for overshooting them.
"""

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import attrs

from keisei_core.arena.score import score_of

ALMOST_NONE: Final = 1e-3
"""Stands for a count of zero: a kind of pair not seen yet is not impossible."""
POINTS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Points per game of the five kinds of pairs."""
BISECTIONS: Final = 100
MOST_ELO: Final = 2_000.0
"""Beyond it the expected score is 1 but for rounding, and a test asks for more games than anybody plays."""


class Verdict(StrEnum):
    """What the test says."""

    OPEN = "open"
    STRONGER = "stronger"
    """The difference of at least `elo1` is accepted."""
    NOT_STRONGER = "not stronger"
    """The difference of at most `elo0` is accepted."""


@attrs.frozen(kw_only=True)
class Sprt:
    """A test of `elo >= elo1` against `elo <= elo0`."""

    elo0: float = attrs.field()
    elo1: float = attrs.field()
    alpha: float = attrs.field(default=0.05, validator=[attrs.validators.gt(0), attrs.validators.lt(0.5)])
    """Chance of accepting `elo1` where `elo0` holds."""
    beta: float = attrs.field(default=0.05, validator=[attrs.validators.gt(0), attrs.validators.lt(0.5)])
    """Chance of accepting `elo0` where `elo1` holds."""

    @elo0.validator
    @elo1.validator
    def _is_told_apart(self, attribute: "attrs.Attribute[float]", elo: float) -> None:
        if not abs(elo) <= MOST_ELO:
            raise ValueError(f"{attribute.name} must be from {-MOST_ELO:g} to {MOST_ELO:g}, got {elo:g}")

    @elo1.validator
    def _above_elo0(self, _: object, elo1: float) -> None:
        if not self.elo0 < elo1:
            raise ValueError(f"elo1 must be greater than elo0 ({self.elo0}), got {elo1}")

    @property
    def bounds(self) -> tuple[float, float]:
        """The test goes on while the log-likelihood ratio is between these."""
        return math.log(self.beta / (1 - self.alpha)), math.log((1 - self.beta) / self.alpha)

    def ratio(self, pairs: Sequence[float]) -> float:
        """Returns the log-likelihood ratio of pentanomial counts: positive speaks for `elo1`."""
        counts = [max(count, ALMOST_NONE) for count in pairs]
        weights = [_tilt(counts, score_of(elo)) for elo in (self.elo0, self.elo1)]
        terms = [count * math.log(under0 / under1) for count, under0, under1 in zip(counts, *weights, strict=True)]
        return math.fsum(terms)

    def judge(self, pairs: Sequence[float]) -> Verdict:
        """Says whether the counts decide the test."""
        low, high = self.bounds
        ratio = self.ratio(pairs)
        if low < ratio < high:
            return Verdict.OPEN
        return Verdict.STRONGER if ratio >= high else Verdict.NOT_STRONGER


def _tilt(counts: Sequence[float], mean: float) -> list[float]:
    """Returns by what the observed shares are divided to give the most likely distribution with this mean.

    These are 1 + x * (points - mean) with the x that solves
    sum(share * (points - mean) / (1 + x * (points - mean))) = 0, which falls from +inf to -inf between the two ends.
    """
    low, high = -1 / (1 - mean), 1 / mean
    for _ in range(BISECTIONS):
        x = (low + high) / 2
        slope = sum(
            count * (points - mean) / (1 + x * (points - mean)) for count, points in zip(counts, POINTS, strict=True)
        )
        low, high = (x, high) if slope > 0 else (low, x)
    return [1 + x * (points - mean) for points in POINTS]
