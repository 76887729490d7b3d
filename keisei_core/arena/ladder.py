"""Players on one scale: matches against fixed anchors, kept in a store, and ratings fitted to all of them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import count, islice
from typing import Final

import attrs

from keisei_core.arena.contest import Contest
from keisei_core.arena.meeting import Meeting, Results
from keisei_core.arena.participant import Participant
from keisei_core.arena.ratings import RatedMatch, fit_ratings
from keisei_core.arena.score import Tally
from keisei_core.arena.standings import Standings
from keisei_core.arena.store import Store
from keisei_core.streams import say

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
        self.anchors = list({anchor.identity: anchor for anchor in contest.participants(anchors)}.values())
        self.anchor_games = anchor_games
        self.players: Sequence[Participant] = ()
        """Those that it was asked to rate."""

    def play(self, players: Sequence[Participant]) -> None:
        """Plays the anchors among themselves and the players against each, as far as the store lacks pairs.

        Raises:
            ConfigError: the store can't be written, which is found out before the first game.
            KeyboardInterrupt: Ctrl-C; what was played until then is stored.
        """
        self.store.require_writable()
        self.players = players
        for anchor, other in self.neighbours():
            self._play(other, anchor, self.anchor_games)
        for player in players:
            for anchor in self.anchors:
                if anchor.identity != player.identity:
                    self._play(player, anchor, self.contest.games)

    def neighbours(self) -> Iterator[tuple[Participant, Participant]]:
        """Yields the anchors that play each other, the weaker first."""
        for low, anchor in enumerate(self.anchors):
            for other in self.anchors[low + 1 : low + 1 + REACH]:
                yield anchor, other

    def _play(self, first: Participant, second: Participant, num_games: int) -> None:
        """Plays the pairs of two players that are lacking, whatever the seed of those that there are."""
        identities = {first.identity, second.identity}
        results = self.store.results()
        fair = self._fair(results)
        held = sum(len(pairs) for meeting, pairs in fair if {meeting.first, meeting.second} == identities)
        lacking = num_games // 2 - held
        if lacking <= 0:
            return
        meeting = self.contest.meeting(first, second)
        known = results.of(meeting)
        openings = islice((opening for opening in count() if opening not in known), lacking)
        contest = attrs.evolve(self.contest, games=2 * (max(openings) + 1))
        report = contest.play(first, second, known=known)
        say("\n".join([f"{first.name} against {second.name}: {report.score}", *report.fault_lines()]))
        self.store.append(meeting, (first.name, second.name), report.played)
        if report.is_interrupted:
            raise KeyboardInterrupt

    def _fair(self, results: Results) -> Iterator[tuple[Meeting, Mapping[int, str]]]:
        """Yields the meetings that count: under the same conditions as these, and not ended by a sequential test."""
        own = self.contest.max_plies, self.contest.opening_plies
        for meeting, pairs in results.meetings():
            if not meeting.sprt and (meeting.max_plies, meeting.opening_plies) == own:
                yield meeting, pairs

    def standings(self) -> Standings:
        """Rates everybody in the store."""
        results = self.store.results()
        fair = list(self._fair(results))
        tallies: dict[tuple[str, str], Tally] = {}
        for meeting, pairs in fair:
            tally = tallies.setdefault((meeting.first, meeting.second), Tally())
            for outcomes in pairs.values():
                tally.count(outcomes)
        anchors = [anchor.identity for anchor in self.anchors]
        players = list(dict.fromkeys([*anchors, *(player for pair in tallies for player in pair)]))
        number = {player: index for index, player in enumerate(players)}
        rated = [RatedMatch(number[one], number[other], tally.pairs) for (one, other), tally in tallies.items()]
        return Standings(
            players=players,
            names=self._names(players, results),
            anchors=anchors,
            scores={pair: tally.score() for pair, tally in tallies.items()},
            ratings=fit_ratings(len(players), rated, pinned=0),
            left_out={
                "other_conditions": num_pairs(results, sprt=False) - sum(len(pairs) for _, pairs in fair),
                "sprt": num_pairs(results, sprt=True),
            },
        )

    def _names(self, players: Sequence[str], results: Results) -> dict[str, str]:
        """Returns what the players are called, as this call calls them; two of one name by their identities."""
        own = {participant.identity: participant.name for participant in (*self.anchors, *self.players)}
        names = {player: {**results.names, **own}[player] for player in players}
        times = Counter(names.values())
        return {player: name if times[name] == 1 else f"{name} ({player})" for player, name in names.items()}


def num_pairs(results: Results, *, sprt: bool) -> int:
    """Returns how many pairs were played under a sequential test, or how many were not."""
    return sum(len(pairs) for meeting, pairs in results.meetings() if meeting.sprt is sprt)
