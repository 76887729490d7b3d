"""What a player sees: mates in one that it plays, pieces that it leaves hanging."""

from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.arena import Player
from keisei_core.observe import needs_of
from keisei_core.shogi import Branches, Positions
from keisei_core.shogi.material import PIECE_VALUES
from keisei_core.shogi.mates import exchange_values, find_mates

HANGING: Final = 5
"""Pawns' worth lost against the best move, by exchanges, that make a move one that leaves a piece hanging."""


@attrs.define(kw_only=True)
class Tactics:
    """Counts over all moves of a player."""

    mates: int = 0
    """Positions with a mate in one."""
    mates_played: int = 0
    moves: int = 0
    """Moves that do not mate."""
    hanging: int = 0
    """Those of them that lose `HANGING` or more of material against the best move, see `exchange_values`."""

    @property
    def mate_rate(self) -> float:
        """Share of mates in one that were played; nan without any."""
        return self.mates_played / self.mates if self.mates else float("nan")

    @property
    def hanging_rate(self) -> float:
        """Share of the other moves that left a piece hanging; nan without any."""
        return self.hanging / self.moves if self.moves else float("nan")

    def count(self, positions: Positions, legal: NDArray[np.uint8], actions: NDArray[np.int32]) -> None:
        """Counts the moves chosen in N positions.

        Args:
            positions: N positions.
            legal: uint8 [N, 2187], what could be played.
            actions: int32 [N], what was.
        """
        rows = np.arange(len(positions))
        mates = find_mates(positions, legal)
        is_mate = mates[rows, actions] == 1
        self.mates += int(mates.any(axis=1).sum())
        self.mates_played += int(is_mate.sum())
        values = np.where(legal == 1, exchange_values(positions, legal, PIECE_VALUES), np.iinfo(np.int32).min)
        lost = values.max(axis=1) - values[rows, actions]
        self.moves += int((~is_mate).sum())
        self.hanging += int((~is_mate & (lost >= HANGING)).sum())


class WatchedPlayer:
    """Plays as another player does, and has its moves counted."""

    def __init__(self, player: Player, tactics: Tactics) -> None:
        self.player: Any = player
        self.tactics = tactics
        self.avoids_repetition = getattr(player, "avoids_repetition", False)
        self.knows_past = getattr(player, "knows_past", False)
        self.needs = needs_of(player)

    def choose(self, positions: Positions, legal: NDArray[np.uint8], *past: Branches) -> NDArray[np.int32]:
        """Chooses for each position; see `Player`."""
        actions: NDArray[np.int32] = self.player.choose(positions, legal, *past)
        self.tactics.count(positions, legal, actions)
        return actions
