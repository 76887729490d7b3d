"""A player that leaves a match when the run is asked to stop."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from keisei_core.arena import Player
from keisei_core.errors import StoppedError
from keisei_core.shogi import Positions


class StoppablePlayer:
    """Plays as another player does, until it is told to stop."""

    def __init__(self, player: Player, stop: Callable[[], bool]) -> None:
        self.player = player
        self.stop = stop
        self.avoids_repetition = getattr(player, "avoids_repetition", False)

    def choose(self, positions: Positions, legal: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Chooses for each position; see `Player.choose`.

        Raises:
            StoppedError: `stop` says so.
        """
        if self.stop():
            raise StoppedError("asked to stop during a match")
        return self.player.choose(positions, legal)
