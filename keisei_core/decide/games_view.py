"""What a decider sees of the games in progress.

Shape key: B games, A = 2,187 actions.
"""

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi import Branches, Games, Positions, UInt8Array
from keisei_core.shogi.positions import Rows


class GamesView:
    """The games of self-play before a ply, or some that are decided together, to be read only.

    Attributes:
        positions: the B positions, each with a legal move.
        legal: uint8 [B, A], 1 = legal.
        turns: bool [B], True where the decider's choice is played. Elsewhere an opponent from the pool chooses: any
            legal action will do there, and columns are not learned from.
        max_plies: a game is cut off when its position has this ply number.
    """

    def __init__(self, games: Games, rows: slice = slice(None)) -> None:
        """Looks at games, which may be played on.

        Args:
            games: all of them.
            rows: the B that are shown.
        """
        self._games = games
        self._rows = np.arange(len(games))[rows]
        self.positions: Positions = games.positions[rows]
        self.legal: UInt8Array = games.legal[rows]
        self.max_plies = games.max_plies
        self.turns: NDArray[np.bool_] = np.ones(len(self), np.bool_)

    def __len__(self) -> int:
        return len(self._rows)

    def branch(self, rows: Rows) -> Branches:
        """Copies games with their past, to be played on apart from them.

        Args:
            rows: which of the B games: indices, which may repeat, a mask or a slice.
        """
        return Branches.of_games(self._games, self._rows[rows])
