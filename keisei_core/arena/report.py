"""The result of a match as data and as lines."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from keisei_core.arena.score import Score, Tally
from keisei_core.arena.sprt import Sprt
from keisei_core.shogi import Ending


@attrs.frozen(kw_only=True)
class MatchReport:
    """What came of a match, and under which conditions."""

    first: str
    second: str
    score: Score
    endings: Mapping[str, int]
    mean_plies: float
    conditions: Mapping[str, Any]
    """Seed, plies of openings, cap and so on."""
    seconds: float
    sprt: Sprt | None = None

    def to_data(self) -> dict[str, Any]:
        """Returns JSON-able data; an infinite Elo is None."""
        score = self.score
        elo, elo_low, elo_high = (finite(value) for value in score.elo)
        counts = {name: getattr(score, name) for name in ("games", "wins", "draws", "losses", "truncated")}
        return {
            "first": self.first,
            "second": self.second,
            **counts,
            "truncated_games_count_as": 0.5,
            "score": score.score,
            "score_low": score.low,
            "score_high": score.high,
            "elo": elo,
            "elo_low": elo_low,
            "elo_high": elo_high,
            "pairs": list(score.pairs),
            "endings": dict(self.endings),
            "mean_plies": self.mean_plies,
            "conditions": dict(self.conditions),
            "seconds": self.seconds,
            "sprt": None if self.sprt is None else self._sprt_data(self.sprt),
        }

    def _sprt_data(self, sprt: Sprt) -> dict[str, Any]:
        low, high = sprt.bounds
        ratio = sprt.ratio(self.score.pairs)
        bounds = {"llr": ratio, "llr_low": low, "llr_high": high}
        return {**attrs.asdict(sprt), **bounds, "verdict": str(sprt.judge(self.score.pairs))}

    def lines(self) -> Iterator[str]:
        """Yields the report for a person."""
        score = self.score
        yield f"first    {self.first}"
        yield f"second   {self.second}"
        counts = f"W {score.wins}  D {score.draws}  L {score.losses}  cut off {score.truncated}"
        yield f"games    {score.games}: {counts}   (a game cut off counts 1/2)"
        yield f"score    {score.score:.3f} [{score.low:.3f}, {score.high:.3f}]"
        yield f"elo      {elo_text(*score.elo)}"
        yield f"pairs    {'  '.join(f'{points}: {count}' for points, count in zip(POINTS, score.pairs, strict=True))}"
        endings = ", ".join(f"{name} {count}" for name, count in self.endings.items() if count)
        yield f"endings  {endings}; {self.mean_plies:.0f} plies a game"
        if self.sprt is not None:
            data = self._sprt_data(self.sprt)
            bounds = f"[{data['llr_low']:.2f}, {data['llr_high']:.2f}]"
            ratio = f"llr {data['llr']:.2f} {bounds}: {data['verdict']}"
            yield f"sprt     elo {self.sprt.elo0:g} or {self.sprt.elo1:g}: {ratio}"
        yield f"time     {self.seconds:.1f} s"


POINTS = ("0", "1/2", "1", "3/2", "2")


def endings_of(tally: Tally) -> dict[str, int]:
    """Returns how many games ended in which way."""
    return {ending.name.lower(): tally.endings[ending] for ending in Ending if ending is not Ending.NONE}


def elo_text(elo: float, low: float, high: float) -> str:
    """Writes an Elo difference with its interval."""
    return f"{_signed(elo)} [{_signed(low)}, {_signed(high)}]"


def finite(value: float) -> float | None:
    """Returns a number as JSON can have it: None for nan and infinities."""
    return value if math.isfinite(value) else None


def _signed(value: float) -> str:
    return f"{value:+.0f}" if math.isfinite(value) else ("+inf" if value > 0 else "-inf")
