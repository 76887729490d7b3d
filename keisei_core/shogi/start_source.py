"""Where games start, drawn anew again and again: what a component of kind `start` makes, and what it is asked.

Shape key: N positions.
"""

from typing import Final, Protocol

import attrs
import numpy as np

from keisei_core.errors import PluginError, SfenError
from keisei_core.shogi.positions import Positions
from keisei_core.shogi.possible import check_possible
from keisei_core.shogi.sfen import format_sfen
from keisei_core.shogi.starts import check_playable

READ: Final = ("board", "hands", "side_to_move", "ply", "last_moves")
"""The arrays of a drawn position that are read; the check flag is found, and a past it has none."""


@attrs.frozen(kw_only=True)
class StartContext:
    """What a start may know of the games that it is for."""

    max_plies: int
    """A game is cut off when its position has this ply number: no start may stand there."""


class StartSource(Protocol):
    """Draws positions that games start from."""

    def draw(self, num_positions: int, random: np.random.Generator) -> Positions:
        """Draws positions, the same whenever the stream is in the same state: a resumed run draws them again.

        Args:
            num_positions: N.
            random: consumed, and the only thing that decides; nothing that was drawn before may.

        Returns:
            N positions that could stand in a game, with a move left to play; the caller's to change. Only `READ` is
            read of them.
        """
        ...


@attrs.frozen(kw_only=True)
class DrawnStart:
    """A source of starts, and whose it is."""

    name: str
    owner: str
    """Distribution and version, for what is said of a wrong draw."""
    source: StartSource
    max_plies: int

    def draw(self, num_positions: int, random: np.random.Generator) -> Positions:
        """Draws positions and looks whether a game can start there.

        Raises:
            PluginError: it can't, or they are no positions.
        """
        drawn: object = self.source.draw(num_positions, random)
        if not isinstance(drawn, Positions):
            raise self._fault(f"{num_positions} positions, got {type(drawn).__name__}")
        positions = self._read(drawn, num_positions)
        try:
            check_possible(positions, lambda row: format_sfen(positions, row))
            check_playable(positions, self.max_plies)
        except SfenError as error:
            raise self._fault(f"positions that games can start from: {error}") from error
        return positions

    def _read(self, drawn: Positions, num_positions: int) -> Positions:
        """Copies what is read of drawn positions."""
        positions = Positions.empty(num_positions)
        for name in READ:
            expected, got = getattr(positions, name), np.asarray(getattr(drawn, name))
            if got.dtype != expected.dtype or got.shape != expected.shape:
                wanted = f"{name}, {expected.dtype} {list(expected.shape)}"
                raise self._fault(f"{wanted}, got {got.dtype} {list(got.shape)}")
            expected[:] = got
        return positions

    def _fault(self, text: str) -> PluginError:
        return PluginError(f"start {self.name!r} of {self.owner} must draw {text}")
