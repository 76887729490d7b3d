"""When a rung is reached: a match that grows until its interval leaves one half, or has games enough."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

import attrs

from keisei_core.arena.score import Score, score_of_pairs

EVEN: Final = 0.5


class Verdict(StrEnum):
    """What a match says of a rung."""

    OPEN = "open"
    """More games may tell."""
    REACHED = "reached"
    """The whole 95 % interval of the score lies at one half or above."""
    NOT_REACHED = "not reached"
    """The whole interval lies below, or it holds one half still after as many games as are played."""


@attrs.frozen(kw_only=True)
class Rule:
    """How checkpoints are chosen and tested.

    A match is looked at after `first_games` games and whenever they have doubled, until `most_games`. Of 100 players
    that are even with a rung 8 are found to have reached it, since each of five looks may go wrong in 2.5; of players
    that score .60 it is 95 (tests/scoreboard/test_rule.py). A climb tests one checkpoint after another, and its figure
    is the first that is found: of climbs over six checkpoints that are all even 38 of 100 find one, over eight whose
    scores go from .35 to .49 9.
    """

    first_games: int = 20
    most_games: int = 320
    growth: float = 1.25
    """Core-minutes of a checkpoint over those of the one before it, at least."""

    def looks(self) -> Iterator[int]:
        """Yields the numbers of games after which a match is looked at."""
        games = self.first_games
        while games < self.most_games:
            yield games
            games *= 2
        yield self.most_games

    def judge(self, pairs: Mapping[int, str]) -> tuple[Verdict, Score | None]:
        """Looks at a match as far as it is played, at each look in turn.

        Args:
            pairs: by opening, in letters of `OUTCOMES`, seen by the checkpoint; those behind a gap are not counted.

        Returns:
            The verdict, and the score at the look that gave it, or at the last one so far; None before the first.
        """
        score = None
        for games in self.looks():
            openings = range(games // 2)
            if not all(opening in pairs for opening in openings):
                return Verdict.OPEN, score
            score = score_of_pairs(pairs[opening] for opening in openings)
            if score.low >= EVEN:
                return Verdict.REACHED, score
            if score.high < EVEN:
                return Verdict.NOT_REACHED, score
        return Verdict.NOT_REACHED, score

    def next_look(self, pairs: Mapping[int, str]) -> int:
        """Returns how many games a match that is open must have to be looked at again."""
        return next(games for games in self.looks() if not all(opening in pairs for opening in range(games // 2)))
