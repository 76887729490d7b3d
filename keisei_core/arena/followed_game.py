"""Games as a player follows them that needs to know which game a position is of: their starts and moves."""

from collections.abc import Sequence
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi import Games, Positions, action_to_usi, format_sfen

UNKNOWN: Final = -1
"""Number of a game that nobody follows."""


@attrs.frozen(kw_only=True)
class FollowedGame:
    """A game so far."""

    number: int
    """Tells it from every other game that goes on; `UNKNOWN` where it is a single position, asked about once."""
    start: str
    """SFEN of the position it began with."""
    moves: tuple[str, ...] = ()
    """In USI."""


class FollowedGames:
    """Writes down the games of S slots as they are played."""

    def __init__(self, num_slots: int) -> None:
        self._games = [FollowedGame(number=UNKNOWN, start="")] * num_slots

    def begin(self, games: Games, slots: Sequence[int], numbers: Sequence[int]) -> None:
        """Begins games where they stand.

        Args:
            games: S games.
            slots: which of them begin.
            numbers: of the games that begin, in the same order.
        """
        for slot, number in zip(slots, numbers, strict=True):
            self._games[slot] = FollowedGame(number=number, start=format_sfen(games.positions, slot))

    def before_step(self, games: Games, actions: NDArray[np.int32]) -> None:
        """Writes down the moves about to be played; int32 [S], -1 where a game waits."""
        for slot in np.flatnonzero(actions >= 0).tolist():
            game = self._games[slot]
            move = action_to_usi(games.positions, int(actions[slot]), slot)
            self._games[slot] = attrs.evolve(game, moves=(*game.moves, move))

    def __getitem__(self, slot: int) -> FollowedGame:
        return self._games[slot]


def single_positions(positions: Positions) -> list[FollowedGame]:
    """Returns N positions as games that begin there, for a player that is asked about them alone."""
    return [FollowedGame(number=UNKNOWN, start=format_sfen(positions, row)) for row in range(len(positions))]
