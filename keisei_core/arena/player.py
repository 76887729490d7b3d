"""What a player in a match must offer."""

from typing import Protocol

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.shogi import Positions


@attrs.frozen(kw_only=True)
class PlayerContext:
    """What a player is built with."""

    seed: int
    """Of the player's own random stream."""
    device: torch.device
    """Where a player that has a network should compute."""


class Player(Protocol):
    """Chooses moves for many games at once.

    A player with a true attribute `avoids_repetition` is not offered moves after which a position of the game stands
    again, unless it has no other. One with an attribute `needs`, a `keisei_core.observe.Needs`, gets the earlier
    positions of its games that it asks for. One with a true attribute `knows_past` is given a third argument: N
    `keisei_core.shogi.Branches` of the games, which stand where the positions do and may be played on. One with a
    method `think` can think about a single game until it is stopped, see `keisei_core.arena.Thinker`.
    """

    def choose(self, positions: Positions, legal: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Chooses one legal action for each position.

        Args:
            positions: N positions with this player to move, mover's view, from any games and in any order; not to be
                changed; without earlier ones unless it `needs` them.
            legal: uint8 [N, 2187], 1 = may be played; not to be changed.

        Returns:
            int32 [N].
        """
        ...
