"""How long to think about a move: plain arithmetic over what `go` tells of the clocks. Seconds, but for names in `_ms`.

The main time is spread over the moves that are still to come and is used up before byoyomi is; of that, a move has all.
"""

import math
from collections.abc import Sequence
from typing import Final

import attrs

GAME_PLIES: Final = 140
"""Plies after which a game is taken to be over: those of strong players take about 115."""
LEAST_MOVES: Final = 20
"""Own moves that are taken to be still to come, at least."""
PATIENCE: Final = 1.5
"""A move that became the best late is looked at for half as long again as it took to become it."""
STRETCH: Final = 3.0
"""How much longer than planned a move may take that is not settled."""
SHARE_FOR_DELAY: Final = 0.5
"""Of a time so short that the delay would leave nothing of it, so much is left unused at most."""


@attrs.frozen(kw_only=True)
class Clock:
    """What the player to move has, as `go` tells it. Milliseconds."""

    main_ms: int = 0
    """Left of the main time. Whether the increment of this move is in it already is told by nobody."""
    byoyomi_ms: int = 0
    increment_ms: int = 0

    @property
    def available_ms(self) -> int:
        """What may be used up without losing, whoever counts.

        One user interface has this move's increment in the main time, another adds it: the larger of the two is there
        in both.
        """
        return max(self.main_ms, self.increment_ms) + self.byoyomi_ms


@attrs.frozen(kw_only=True)
class Budget:
    """How long a move may take."""

    planned: float
    """Seconds after which it ends, unless it is not settled."""
    most: float
    """Seconds after which it ends however it stands."""
    last: float = math.inf
    """Seconds after which the best so far is answered though the search has not ended: half of the delay later."""
    saves: bool = True
    """Whether time that is left over is there for later moves."""


def budget_of(clock: Clock, *, ply: int, delay_ms: int, least_ms: int = 0, max_plies: int = 0) -> Budget:
    """Returns how long the move after `ply` plies may take.

    Args:
        clock: of who is to move.
        ply: plies played in the game.
        delay_ms: what the way between engine and clock may cost.
        least_ms: what a move should take at least.
        max_plies: of the game, 0 where there is no limit.
    """
    available_ms = clock.available_ms
    most_ms = without_delay(available_ms, delay_ms)
    share_ms = clock.main_ms / moves_to_come(ply, max_plies) + clock.increment_ms + clock.byoyomi_ms
    planned_ms = min(max(share_ms - delay_ms, least_ms, 0), most_ms)
    if clock.main_ms <= 0 and clock.increment_ms <= 0:
        return fixed_budget(available_ms, delay_ms)
    longest_ms = min(STRETCH * planned_ms, most_ms)
    last_ms = longest_ms + (available_ms - most_ms) / 2
    return Budget(planned=planned_ms / 1000, most=longest_ms / 1000, last=last_ms / 1000)


def fixed_budget(time_ms: int, delay_ms: int) -> Budget:
    """Returns the budget of a move that has so much time, whatever the clocks show."""
    most_ms = without_delay(time_ms, delay_ms)
    last_ms = most_ms + (time_ms - most_ms) / 2
    return Budget(planned=most_ms / 1000, most=most_ms / 1000, last=last_ms / 1000, saves=False)


def without_delay(time_ms: int, delay_ms: int) -> float:
    """Returns what is left of a time if the answer is to be there before it is over."""
    return time_ms - min(delay_ms, SHARE_FOR_DELAY * time_ms)


def moves_to_come(ply: int, max_plies: int = 0) -> float:
    """Returns how many moves of one's own are taken to be still to come, this one among them; at least 1.

    A game that went on past its longest has no end that is known.
    """
    expected = max((GAME_PLIES - ply) / 2, LEAST_MOVES)
    return min(expected, math.ceil((max_plies - ply) / 2)) if max_plies > ply else expected


def end_of(budget: Budget, changed_at: float) -> float:
    """Returns the seconds after which a move ends: as planned, or later if the best move changed late.

    Args:
        budget: of the move.
        changed_at: seconds after which another move became the best for the last time.
    """
    return min(max(budget.planned, PATIENCE * changed_at), budget.most) if budget.saves else budget.planned


def is_settled(budget: Budget, visits: Sequence[int], nodes: int, seconds: float) -> bool:
    """Tells whether no other move can come to as many visits as the best one in the time that is left.

    Args:
        budget: of the move.
        visits: of the best moves, the best first; the others were not looked at.
        nodes: looked at so far in this search.
        seconds: that it took.
    """
    if not budget.saves or seconds <= 0:
        return False
    return visits[0] - max(visits[1:], default=0) > nodes / seconds * (budget.planned - seconds)
