"""Move lists of a few self-play games, kept so that a person can look at what is being played."""

from collections.abc import Mapping
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi import BLACK, Ending, Games, action_to_usi, format_sfen


@attrs.define(kw_only=True)
class GameRecord:
    """One game: where it started, its moves in USI, how it ended."""

    sfen: str
    moves: list[str] = attrs.field(factory=list)
    ending: str = ""
    winner: str = ""
    """black, white, or nothing for a draw or a game cut off."""


class GameRecorder:
    """Follows the first few games of a batch from start to end."""

    def __init__(self, games: Games, num_recorded: int) -> None:
        self.games = games
        self.num_recorded = min(num_recorded, len(games.positions))
        self.begin()

    def begin(self) -> None:
        """Begins to follow the games from where they stand."""
        self.records = [self._begin(row) for row in range(self.num_recorded)]

    def _begin(self, row: int) -> GameRecord:
        return GameRecord(sfen=format_sfen(self.games.positions, row))

    def before_step(self, actions: NDArray[np.int32]) -> None:
        """Writes down the moves about to be played; int32 [B], -1 where a game waits."""
        for row, record in enumerate(self.records):
            if actions[row] >= 0:
                record.moves.append(action_to_usi(self.games.positions, int(actions[row]), row))

    def after_step(self, endings: NDArray[np.uint8], movers: NDArray[np.uint8]) -> list[GameRecord]:
        """Returns the games that have just ended, and begins to follow those that took their place.

        Args:
            endings: uint8 [B], `Ending` of each game.
            movers: uint8 [B], the side whose ply it was.
        """
        ended = []
        for row, record in enumerate(self.records):
            ending = Ending(int(endings[row]))
            if ending is not Ending.NONE:
                record.ending, record.winner = ending.name.lower(), winner(ending, int(movers[row]))
                ended.append(record)
                self.records[row] = self._begin(row)
        return ended

    def state(self) -> list[dict[str, Any]]:
        """Returns the games in progress, as plain data."""
        return [attrs.asdict(record) for record in self.records]

    def load_state(self, state: list[Mapping[str, Any]]) -> None:
        """Takes back what `state` gave."""
        self.records = [GameRecord(**record) for record in state]


def winner(ending: Ending, mover: int) -> str:
    """Returns who won a game that ended with a ply of the mover (0 Black, 1 White), in the words of `GameRecord`."""
    if not ending.is_decisive:
        return ""
    return "black" if (mover == BLACK) == (ending.points == 1) else "white"
