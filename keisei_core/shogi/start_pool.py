"""The start positions that the games of a run draw from: as many all the time, some or all of them drawn anew."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.config.tables import SelfPlayTable
from keisei_core.shogi.games import Games
from keisei_core.shogi.positions import Positions
from keisei_core.shogi.start_source import DrawnStart
from keisei_core.shogi.starts import Starts, join, mirror_positions

LEAST_STARTS: Final = 1024
"""Positions to draw from where some of them are drawn anew."""


class StartPool:
    """Draws the starts of a run from a random stream of its own, which is all of its state."""

    def __init__(self, entries: Sequence[Positions | DrawnStart], table: SelfPlayTable, seed: int = 0) -> None:
        """Takes what the config lists, each entry as likely as the others.

        Args:
            entries: at least one; a position stays as it is, the others are drawn.
            table: what else is said of starts.
            seed: of the stream.
        """
        self.entries = tuple(entries)
        self.table = table
        self.random = np.random.default_rng(seed)
        self.draws = any(isinstance(entry, DrawnStart) for entry in entries)
        views = 2 if table.mirror else 1
        self._rows_each = -(-LEAST_STARTS // (len(self.entries) * views)) if self.draws else 1

    @property
    def is_fixed(self) -> bool:
        """True where every draw would give the same."""
        return not (self.draws or self.table.midgame_share)

    def draw(self) -> Starts:
        """Draws all positions, as many at every call.

        Raises:
            PluginError: a plugin draws what no game can start from.
        """
        table = self.table
        positions = join([self._drawn(entry) for entry in self.entries])
        if table.mirror:
            positions = join([positions, mirror_positions(positions)])
        starts = Starts(positions, random_plies=table.opening_plies)
        if not table.midgame_share:
            return starts
        seed = int(self.random.integers(2**63))
        return with_midgame(starts, share=table.midgame_share, plies=table.midgame_plies, seed=seed)

    def _drawn(self, entry: Positions | DrawnStart) -> Positions:
        if isinstance(entry, DrawnStart):
            return entry.draw(self._rows_each, self.random)
        return join([entry] * self._rows_each)

    def refill(self, games: Games) -> None:
        """Draws anew where games start that begin from here on.

        Args:
            games: begun with what `draw` gave.

        Raises:
            PluginError: see `draw`.
        """
        if not self.is_fixed:
            games.replace_starts(self.draw().positions)

    def state(self) -> tuple[dict[str, NDArray[np.generic]], dict[str, Any]]:
        """Returns no arrays and the random stream; taken before a draw, it makes that draw again."""
        return {}, {"random": self.random.bit_generator.state}

    def load_state(self, arrays: Mapping[str, NDArray[np.generic]], data: Mapping[str, Any]) -> None:
        """Takes back what `state` gave."""
        self.random.bit_generator.state = data["random"]


def with_midgame(starts: Starts, *, share: float, plies: int, seed: int) -> Starts:
    """Lets a share of the games begin deeper: from positions reached by random plies.

    Args:
        starts: where games begin otherwise; its own random plies are played from all positions.
        share: of the games, above 0 and below 1.
        plies: each of the positions lies 0 to so many random plies after one of `starts`, each number as likely.
        seed: of the random plies.
    """
    num_repeats = max(1, round((1 - share) * LEAST_STARTS / len(starts.positions)))
    plain = join([starts.positions] * num_repeats)
    num_deeper = max(1, round(len(plain) * share / (1 - share)))
    deeper = Games(num_deeper, starts=attrs.evolve(starts, random_plies=plies, min_random_plies=0), seed=seed).positions
    return attrs.evolve(starts, positions=join([plain, deeper]))
