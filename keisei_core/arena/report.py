"""The result of a match as data and as lines."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from keisei_core.arena.forfeit import SEATS, Faults
from keisei_core.arena.score import Score
from keisei_core.arena.sprt import Sprt
from keisei_core.arena.value_quality import ValueQuality


@attrs.frozen(kw_only=True)
class MatchReport:
    """What came of a match, and under which conditions."""

    first: str
    second: str
    score: Score
    """Of all its games, those that a store had among them."""
    played: Mapping[int, str]
    """The pairs played now, by opening, in letters of `OUTCOMES`."""
    endings: Mapping[str, int]
    """Of the games played now."""
    mean_plies: float | None
    """Of the same; None where there was none to play."""
    conditions: Mapping[str, Any]
    """Seed, plies of openings, cap and so on."""
    seconds: float
    precisions: tuple[str, str] = ("", "")
    """What the network of each player computed in; empty of a player without one."""
    values: tuple[ValueQuality | None, ValueQuality | None] = (None, None)
    """How well the players' networks foretold the results of the games played now; None of a player without one."""
    faults: tuple[Faults, Faults] = attrs.field(factory=lambda: (Faults(), Faults()))
    """Games played now that each player lost by faults of its own."""
    sprt: Sprt | None = None
    is_interrupted: bool = False
    """Ended by Ctrl-C."""

    @property
    def stored_games(self) -> int:
        """Games that a store had already."""
        return self.score.games - 2 * len(self.played)

    def to_data(self) -> dict[str, Any]:
        """Returns JSON-able data; an infinite Elo is None."""
        score = self.score
        elo, elo_low, elo_high = (finite(value) for value in score.elo)
        return {
            "first": self.first,
            "second": self.second,
            "precisions": [name or None for name in self.precisions],
            **score.to_data(),
            "score_decided": score.decided,
            "truncated_games_count_as": 0.5,
            "stored_games": self.stored_games,
            "elo": elo,
            "elo_low": elo_low,
            "elo_high": elo_high,
            "pairs": list(score.pairs),
            "endings": dict(self.endings),
            "faults": dict(zip(SEATS, (faults.to_data() for faults in self.faults), strict=True)),
            "mean_plies": self.mean_plies,
            "conditions": dict(self.conditions),
            "value": dict(zip(SEATS, (quality and quality.to_data() for quality in self.values), strict=True)),
            "seconds": self.seconds,
            "interrupted": self.is_interrupted,
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
        yield f"games    {score.games}: {counts}{score.without_cut}   (a game cut off counts 1/2)"
        yield f"score    {score.score:.3f} [{score.low:.3f}, {score.high:.3f}]"
        if score.doubt:
            yield f"warning  {score.doubt}; raise --max-plies"
        yield f"elo      {elo_text(*score.elo)}"
        yield f"pairs    {'  '.join(f'{points}: {count}' for points, count in zip(POINTS, score.pairs, strict=True))}"
        if self.stored_games:
            yield f"stored   {self.stored_games} of these games, not played again"
        if self.mean_plies is not None:
            endings = ", ".join(f"{name} {count}" for name, count in self.endings.items() if count)
            yield f"endings  {endings}; {self.mean_plies:.0f} plies a game"
        yield from self.fault_lines()
        for seat, quality in zip(SEATS, self.values, strict=True):
            if quality is not None:
                yield f"value    {seat}: {quality.text()}"
        if self.sprt is not None:
            data = self._sprt_data(self.sprt)
            bounds = f"[{data['llr_low']:.2f}, {data['llr_high']:.2f}]"
            ratio = f"llr {data['llr']:.2f} {bounds}: {data['verdict']}"
            yield f"sprt     elo {self.sprt.elo0:g} or {self.sprt.elo1:g}: {ratio}"
        yield f"time     {self.seconds:.1f} s"

    def fault_lines(self) -> Iterator[str]:
        """Yields what is to be known of players that lost games otherwise than by playing."""
        for seat, faults in zip(SEATS, self.faults, strict=True):
            if faults:
                yield f"faults   {seat}: lost by {faults}"


POINTS = ("0", "1/2", "1", "3/2", "2")


def elo_text(elo: float, low: float, high: float) -> str:
    """Writes an Elo difference with its interval."""
    return f"{_signed(elo)} [{_signed(low)}, {_signed(high)}]"


def finite(value: float) -> float | None:
    """Returns a number as JSON can have it: None for nan and infinities."""
    return value if math.isfinite(value) else None


def _signed(value: float) -> str:
    return f"{value:+.0f}" if math.isfinite(value) else ("+inf" if value > 0 else "-inf")
