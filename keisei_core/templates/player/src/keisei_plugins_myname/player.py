"""A player that takes the most valuable piece in reach, and else plays any legal move.

Shape key: N positions, A = 2,187 actions.
"""

import numpy as np
from keisei_core.arena import PlayerContext
from keisei_core.shogi import OPPONENT, Positions
from numpy.typing import NDArray

from keisei_plugins_myname.options import MynameOptions

WORTH = np.array([0, 1, 3, 4, 5, 8, 10, 6, 0, 6, 6, 6, 6, 11, 13], np.float32)
"""Of the piece codes 0..14: nothing, P L N S B R G K, +P +L +N +S +B +R."""
NUM_SQUARES = 81
MOVES = 20 * NUM_SQUARES
"""Actions below this are moves of pieces on the board, the others drops, which take nothing."""


class MynamePlayer:
    """Draws from a random stream of its own."""

    def __init__(self, context: PlayerContext, options: MynameOptions) -> None:
        self.random = np.random.default_rng(context.seed)
        self.greed = options.greed

    def choose(self, positions: Positions, legal: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Chooses a legal action for each position.

        Args:
            positions: N positions as the side to move sees them; not changed.
            legal: uint8 [N, A], 1 = legal; not changed.

        Returns:
            int32 [N].
        """
        lots = 1 + self.random.random(legal.shape, dtype=np.float32)  # decide among equals
        is_greedy = self.random.random(len(legal)) < self.greed
        lots[is_greedy, :MOVES] += 2 * self._gains(positions)[is_greedy]
        chosen: NDArray[np.int32] = (lots * legal).argmax(axis=1).astype(np.int32)
        return chosen

    def _gains(self, positions: Positions) -> NDArray[np.float32]:
        """Returns the worth of what stands where each move of a piece ends, float32 [N, 20 * 81]."""
        is_theirs = positions.board > OPPONENT
        worth = np.where(is_theirs, WORTH[np.where(is_theirs, positions.board - OPPONENT, 0)], 0)
        return np.tile(worth, (1, MOVES // NUM_SQUARES)).astype(np.float32)
