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
        self.records = [self._begin(row) for row in range(min(num_recorded, len(games.positions)))]

    def _begin(self, row: int) -> GameRecord:
        return GameRecord(sfen=format_sfen(self.games.positions, row))

    def before_step(self, actions: NDArray[np.int32]) -> None:
        """Writes down the moves about to be played; int32 [B], -1 where a game waits."""
        for row, record in enumerate(self.records):
            if actions[row] >= 0:
                record.moves.append(action_to_usi(self.games.positions, int(actions[row]), row))

    def after_step(self) -> list[GameRecord]:
        """Returns the games that have just ended, and begins to follow those that took their place."""
        ended = []
        for row, record in enumerate(self.records):
            ending = Ending(int(self.games.ending[row]))
            if ending is not Ending.NONE:
                record.ending, record.winner = ending.name.lower(), self._winner(row, ending)
                ended.append(record)
                self.records[row] = self._begin(row)
        return ended

    def _winner(self, row: int, ending: Ending) -> str:
        if not ending.is_decisive:
            return ""
        last_mover_is_white = self.games.final.side_to_move[row] == BLACK
        return "white" if last_mover_is_white == (ending.points == 1) else "black"

    def state(self) -> list[dict[str, Any]]:
        """Returns the games in progress, as plain data."""
        return [attrs.asdict(record) for record in self.records]

    def load_state(self, state: list[Mapping[str, Any]]) -> None:
        """Takes back what `state` gave."""
        self.records = [GameRecord(**record) for record in state]
