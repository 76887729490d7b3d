"""The player that plays any legal move: the zero of every rating."""

import numpy as np
from numpy.typing import NDArray

from keisei_core.arena.player import PlayerContext
from keisei_core.shogi import Positions


class RandomPlayer:
    """Chooses uniformly among the legal actions."""

    def __init__(self, context: PlayerContext) -> None:
        self.random = np.random.default_rng(context.seed)

    def choose(self, positions: Positions, legal: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Chooses for each position; see `Player.choose`."""
        # The largest of independent uniform numbers falls on each legal action with the same probability.
        lots = self.random.random(legal.shape, dtype=np.float32) + np.float32(1)
        chosen: NDArray[np.int32] = (lots * legal).argmax(axis=1).astype(np.int32)
        return chosen
