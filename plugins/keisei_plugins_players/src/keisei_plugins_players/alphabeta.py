"""A player that searches every move to a fixed depth and counts material."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.arena import PlayerContext
from keisei_core.shogi import Positions
from keisei_core.shogi.mates import flat_positions
from keisei_plugins_players.options import AlphaBetaOptions
from keisei_plugins_players.search import choose_moves, new_stack

NUM_COUNTERS: Final = 1


class AlphaBeta:
    """Plays the best move by material after `depth` plies, one of the equally best at random.

    Attributes:
        frontier_moves: Legal moves counted in positions one ply above the search's end, so far.
    """

    def __init__(self, context: PlayerContext, options: AlphaBetaOptions) -> None:
        self.options = options
        self.random = np.random.default_rng(context.seed)
        self._stack = new_stack(options.depth)
        self._counters = np.zeros(NUM_COUNTERS, np.int64)

    @property
    def frontier_moves(self) -> int:
        """Legal moves whose outcome was counted at the frontier of the search."""
        return int(self._counters[0])

    def choose(self, positions: Positions, legal: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Chooses for each position; see `keisei_core.arena.Player.choose`."""
        count = len(positions)
        lots = self.random.random(count)
        is_random = (self.random.random(count) < self.options.random_moves).astype(np.uint8)
        actions = np.zeros(count, np.int32)
        boards, hands, masks = flat_positions(positions, legal)
        choose_moves(boards, hands, masks, self.options.depth, lots, is_random, actions, self._stack, self._counters)
        return actions
