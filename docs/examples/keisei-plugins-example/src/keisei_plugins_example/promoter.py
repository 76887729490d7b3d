"""A player that promotes whenever it can."""

import numpy as np
from keisei_core.arena import PlayerContext
from keisei_core.shogi import Positions
from numpy.typing import NDArray

NUM_SQUARES = 81
PROMOTIONS = slice(10 * NUM_SQUARES, 20 * NUM_SQUARES)


class Promoter:
    """Draws among equals from a random stream of its own."""

    def __init__(self, context: PlayerContext) -> None:
        self.random = np.random.default_rng(context.seed)

    def choose(self, positions: Positions, legal: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Chooses one legal action for each of N positions: int32 [N]."""
        lots = 1 + self.random.random(legal.shape, dtype=np.float32)
        lots[:, PROMOTIONS] += 1
        chosen: NDArray[np.int32] = (lots * legal).argmax(axis=1).astype(np.int32)
        return chosen
