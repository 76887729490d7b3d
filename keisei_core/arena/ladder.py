"""Players on one scale: matches against fixed anchors, kept in a store, and ratings fitted to all of them."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs

from keisei_core.arena.contest import Contest
from keisei_core.arena.participant import Participant
from keisei_core.arena.ratings import RatedMatch, Ratings, fit_ratings
from keisei_core.arena.report import finite
from keisei_core.arena.store import Store, StoredMatch
from keisei_core.arena.table import Table

REACH: Final = 2
"""Each anchor plays so many of those above it: a chain of single steps would add up their errors."""


class Ladder:
    """Plays what is missing in the store, and rates everybody in it."""

    def __init__(self, contest: Contest, store: Store, anchors: Sequence[str], *, anchor_games: int) -> None:
        """Takes the conditions; the first anchor is pinned at 0.

        Raises:
            KeiseiError: an anchor is no player.
        """
        self.contest = contest
        self.store = store
        self.anchors = contest.participants(anchors)
        self.anchor_games = anchor_games

    def play(self, players: Sequence[Participant]) -> None:
        """Plays the anchors among themselves and the players against each, as far as the store lacks games."""
        for low, anchor in enumerate(self.anchors):
            for other in self.anchors[low + 1 : low + 1 + REACH]:
                self._play(other, anchor, self.anchor_games)
        for player in players:
            for anchor in self.anchors:
                if anchor.name != player.name:
                    self._play(player, anchor, self.contest.games)

    def _play(self, first: Participant, second: Participant, num_games: int) -> None:
        names = {first.name, second.name}
        played = sum(match.games for match in self.matches() if {match.first, match.second} == names)
        missing = num_games - played
        if missing <= 0:
            return
        contest = attrs.evolve(self.contest, games=missing + missing % 2, seed=self.contest.seed + played)
        report = contest.play(first, second)
        self.store.append(report)
        print(f"{first.name} against {second.name}: {report.score}", file=sys.stderr, flush=True)

    def matches(self) -> list[StoredMatch]:
        """Returns the stored matches under the same conditions as these."""
        own = self.contest.max_plies, self.contest.opening_plies
        return [match for match in self.store.matches() if (match.max_plies, match.opening_plies) == own]

    def standings(self) -> "Standings":
        """Rates everybody in the store."""
        matches = self.matches()
        anchors = [anchor.name for anchor in self.anchors]
        names = list(dict.fromkeys([*anchors, *(name for match in matches for name in (match.first, match.second))]))
        number = {name: index for index, name in enumerate(names)}
        rated = [RatedMatch(number[match.first], number[match.second], match.pairs) for match in matches]
        ratings = fit_ratings(len(names), rated, pinned=0)
        left_out = len(self.store.matches()) - len(matches)
        return Standings(names=names, anchors=anchors, matches=matches, ratings=ratings, left_out=left_out)


@attrs.frozen(kw_only=True)
class Standings:
    """The ladder as it stands."""

    names: Sequence[str]
    anchors: Sequence[str]
    matches: Sequence[StoredMatch]
    ratings: Ratings
    left_out: int
    """Matches in the store under other conditions."""

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yields a row for each player, the strongest first."""
        elo = self.ratings.elo
        order = sorted(
            range(len(self.names)), key=lambda index: -elo[index] if elo[index] == elo[index] else float("inf")
        )
        for index in order:
            low, high = self.ratings.interval(index)
            name = self.names[index]
            yield {
                "player": name,
                "elo": finite(float(elo[index])),
                "elo_low": finite(low),
                "elo_high": finite(high),
                "games": sum(match.games for match in self.matches if name in (match.first, match.second)),
                "is_anchor": name in self.anchors,
                "scores": {
                    anchor: score for anchor in self.anchors if (score := self._score(name, anchor)) is not None
                },
            }

    def _score(self, name: str, other: str) -> float | None:
        """Returns a player's share of the points against another, None if they never met."""
        points = games = 0.0
        for match in self.matches:
            if {match.first, match.second} == {name, other} and name != other:
                points += match.points if match.first == name else match.games - match.points
                games += match.games
        return points / games if games else None

    def to_data(self) -> dict[str, Any]:
        """Returns JSON-able data."""
        return {
            "pinned": self.anchors[0],
            "players": list(self),
            "dispersion": self.ratings.dispersion,
            "matches": len(self.matches),
            "matches_under_other_conditions": self.left_out,
        }

    def table(self) -> Table:
        """Returns ratings and scores against the anchors as a table."""
        short = [f"A{index}" for index in range(len(self.anchors))]
        rows = []
        for row in self:
            anchor = f"A{self.anchors.index(row['player'])} " if row["is_anchor"] else ""
            scores = [f"{row['scores'][name]:.3f}" if name in row["scores"] else "" for name in self.anchors]
            rows.append([f"{anchor}{row['player']}", *_rating(row), str(row["games"]), *scores])
        return Table(["player", "elo", "95 %", "games", *short], rows)


def _rating(row: dict[str, Any]) -> tuple[str, str]:
    if row["elo"] is None:
        return "?", ""
    return f"{row['elo']:+.0f}", f"{row['elo_low']:+.0f} to {row['elo_high']:+.0f}"
