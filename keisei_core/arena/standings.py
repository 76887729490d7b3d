"""The ladder as it stands: a row for each player, and what is to be doubted of it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs
import numpy as np

from keisei_core.arena.ratings import Ratings
from keisei_core.arena.report import finite
from keisei_core.arena.score import Score
from keisei_core.arena.table import Table


@attrs.frozen(kw_only=True)
class Standings:
    """The ladder as it stands."""

    players: Sequence[str]
    """By identity."""
    names: Mapping[str, str]
    anchors: Sequence[str]
    """The first is pinned at 0."""
    scores: Mapping[tuple[str, str], Score]
    """Of each two players that met, seen by the first."""
    ratings: Ratings
    left_out: Mapping[str, int]
    """Pairs in the store that don't count: played under other conditions, or under a sequential test."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yields a row for each player, the strongest first."""
        elo = np.where(np.isnan(self.ratings.elo), -np.inf, self.ratings.elo)
        top = self._top()
        for index in np.argsort(-elo, kind="stable"):
            player = self.players[index]
            low, high = self.ratings.interval(index)
            met = [score for pair, score in self.scores.items() if player in pair]
            yield {
                "player": self.names[player],
                "identity": player,
                "elo": finite(float(self.ratings.elo[index])),
                "elo_low": finite(low),
                "elo_high": finite(high),
                "games": sum(score.games for score in met),
                "truncated": sum(score.truncated for score in met),
                "is_anchor": player in self.anchors,
                "is_above_anchors": bool(elo[index] > elo[top]),
                "scores": {
                    self.names[anchor]: score
                    for anchor in self.anchors
                    if (score := self._score(player, anchor)) is not None
                },
            }

    def _top(self) -> int:
        """Returns the number of the strongest anchor; the first is rated always."""
        return int(np.nanargmax(self.ratings.elo[: len(self.anchors)]))

    def _score(self, player: str, other: str) -> float | None:
        """Returns a player's share of the points against another, None if they never met."""
        if player == other:
            return None
        if (player, other) in self.scores:
            return self.scores[player, other].score
        return 1 - self.scores[other, player].score if (other, player) in self.scores else None

    def warnings(self) -> list[str]:
        """Says which ratings are to be doubted."""
        above = [row["player"] for row in self if row["is_above_anchors"]]
        if not above:
            return []
        top = self.names[self.anchors[self._top()]]
        told = f"rated above the strongest anchor ({top}): {', '.join(above)}"
        return [f"{told}; such ratings hang on the few points that the anchors took, and are less sure than that"]

    def to_data(self) -> dict[str, Any]:
        """Returns JSON-able data."""
        return {
            "pinned": self.names[self.anchors[0]],
            "players": list(self),
            "dispersion": self.ratings.dispersion,
            "pairs": sum(score.games // 2 for score in self.scores.values()),
            **{f"pairs_left_out_{why}": number for why, number in self.left_out.items()},
            "warnings": self.warnings(),
        }

    def table(self) -> Table:
        """Returns ratings and scores against the anchors as a table."""
        short = [f"A{index}" for index in range(len(self.anchors))]
        rows = []
        for row in self:
            anchor = f"A{self.anchors.index(row['identity'])} " if row["is_anchor"] else ""
            scores = [row["scores"].get(self.names[anchor]) for anchor in self.anchors]
            cells = ["" if score is None else f"{score:.3f}" for score in scores]
            played = f"{row['games']}", f"{row['truncated']}"
            rows.append([f"{anchor}{row['player']}", *_rating(row), *played, *cells])
        return Table(["player", "elo", "95 %", "games", "cut off", *short], rows)


def _rating(row: dict[str, Any]) -> tuple[str, str]:
    if row["elo"] is None:
        return "?", ""
    return f"{row['elo']:+.0f}", f"{row['elo_low']:+.0f} to {row['elo_high']:+.0f}"
