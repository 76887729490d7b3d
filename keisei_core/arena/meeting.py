"""What makes two pairs of games the same, and the pairs that a store holds. Knows nothing of files; see store.py."""

from collections.abc import Iterable, Mapping
from typing import Final

import attrs

from keisei_core.arena.score import LOSS, WIN

SEEN_BY_OTHER: Final = str.maketrans(WIN + LOSS, LOSS + WIN)


@attrs.frozen(kw_only=True)
class Meeting:
    """Two players under conditions that decide their games: with an opening's number it names a pair."""

    first: str
    """The identity of a player; see `Participant`."""
    second: str
    seed: int
    opening_plies: int
    max_plies: int
    sprt: bool = False
    """The match was played under a sequential test, which ends it where the result looks good: no fair sample."""

    def turned(self) -> "Meeting":
        """Returns the same meeting, seen by the second player."""
        return attrs.evolve(self, first=self.second, second=self.first)

    @property
    def _is_turned(self) -> bool:
        return self.first > self.second

    @property
    def _ordered(self) -> "Meeting":
        return self.turned() if self._is_turned else self


class Results:
    """Pairs of games, each held once, whoever of the two was called first."""

    def __init__(self) -> None:
        self._pairs: dict[Meeting, dict[int, str]] = {}
        self.names: dict[str, str] = {}
        """How each player was called last, by identity."""

    def add(self, meeting: Meeting, pairs: Mapping[int, str]) -> None:
        """Adds pairs by opening, in letters of `OUTCOMES`; one that is held already stays as it is."""
        held = self._pairs.setdefault(meeting._ordered, {})
        for opening, outcomes in pairs.items():
            held.setdefault(opening, turned(outcomes) if meeting._is_turned else outcomes)

    def of(self, meeting: Meeting) -> dict[int, str]:
        """Returns the pairs of a meeting by opening, seen by its first player."""
        held = self._pairs.get(meeting._ordered, {})
        return {opening: turned(outcomes) for opening, outcomes in held.items()} if meeting._is_turned else dict(held)

    def known(self, meeting: Meeting) -> dict[int, str]:
        """Returns the pairs that a match need not play: a sequential test takes those of a fair match too."""
        return self.of(meeting) | self.of(attrs.evolve(meeting, sprt=False))

    def meetings(self) -> Iterable[tuple[Meeting, Mapping[int, str]]]:
        """Returns every meeting with its pairs."""
        return self._pairs.items()


def turned(outcomes: str) -> str:
    """Returns a pair as the other player sees it: the game he began comes first."""
    return outcomes[::-1].translate(SEEN_BY_OTHER)


def stretches(pairs: Mapping[int, str]) -> list[tuple[int, list[str]]]:
    """Returns pairs as runs of neighbouring openings, each with the number of its first."""
    found: list[tuple[int, list[str]]] = []
    for opening in sorted(pairs):
        if found and opening == found[-1][0] + len(found[-1][1]):
            found[-1][1].append(pairs[opening])
        else:
            found.append((opening, [pairs[opening]]))
    return found
