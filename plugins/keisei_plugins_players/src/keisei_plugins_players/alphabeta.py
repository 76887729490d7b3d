"""A player that searches every move to a fixed depth and counts material."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.arena import PlayerContext
from keisei_core.shogi import Positions
from keisei_core.shogi.crew import share_rows
from keisei_core.shogi.mates import flat_positions
from keisei_plugins_players.options import AlphaBetaOptions
from keisei_plugins_players.search import choose_moves, new_stack

SLOW_ROWS: Final = 4
"""Positions that a thread takes at once."""


class AlphaBeta:
    """Plays the best move by material after `depth` plies, one of the equally best at random.

    Attributes:
        frontier_moves: Legal moves counted in positions one ply above the search's end, so far.
    """

    def __init__(self, context: PlayerContext, options: AlphaBetaOptions) -> None:
        self.options = options
        self.random = np.random.default_rng(context.seed)
        self._frontier_moves = 0

    @property
    def frontier_moves(self) -> int:
        """Legal moves whose outcome was counted at the frontier of the search."""
        return self._frontier_moves

    def choose(self, positions: Positions, legal: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Chooses for each position; see `keisei_core.arena.Player.choose`."""
        count = len(positions)
        lots = self.random.random(count)
        is_random = (self.random.random(count) < self.options.random_moves).astype(np.uint8)
        actions = np.zeros(count, np.int32)
        counted = np.zeros(count, np.int64)

        def choose(rows: slice) -> None:
            arrays, stack = flat_positions(positions[rows], legal[rows]), new_stack(self.options.depth)
            choose_moves(*arrays, self.options.depth, lots[rows], is_random[rows], actions[rows], stack, counted[rows])

        share_rows(count, SLOW_ROWS, choose)
        self._frontier_moves += int(counted.sum())
        return actions
