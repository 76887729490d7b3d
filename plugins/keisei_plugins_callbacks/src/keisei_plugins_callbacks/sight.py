"""The callback `tactics`: what the network's favourite moves make of mates in one and of pieces that could be taken."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from keisei_core.arena import NetworkPlayer
from keisei_core.benchmark.blunders import Tactics
from keisei_core.run import CallbackContext, RunView
from keisei_core.shogi import legal_mask
from keisei_plugins_callbacks.options import SightOptions

AT_ONCE: Final = 512
"""Positions looked at together, which bounds the memory that takes."""


class Sight:
    """Counts in positions of the games that were just learned from, spread evenly over them; plays no games itself."""

    def __init__(self, context: CallbackContext, options: SightOptions) -> None:
        self.context = context
        self.options = options

    def after_update(self, view: RunView, metrics: Mapping[str, float]) -> Mapping[str, float]:
        """Returns `mate_in_one_rate`, of the positions with such a mate, and `hanging_rate`, of the other moves.

        A rate of nothing is left out: there may be no mate in one in all positions.
        """
        if view.counters.update % self.options.every_updates:
            return {}
        seen = self._count(view)
        rates = {"mate_in_one_rate": seen.mate_rate, "hanging_rate": seen.hanging_rate}
        return {name: rate for name, rate in rates.items() if not math.isnan(rate)}

    def _count(self, view: RunView) -> Tactics:
        """Counts the network's favourite moves."""
        player, seen = NetworkPlayer(view.evaluator, temperature=0, seed=self.context.seed), Tactics()
        num_plies = view.segment.num_plies
        rows = np.linspace(0, num_plies - 1, min(self.options.positions, num_plies)).astype(np.int64)
        for first in range(0, len(rows), AT_ONCE):
            positions = view.segment.positions_of(rows[first : first + AT_ONCE])
            legal = legal_mask(positions)
            seen.count(positions, legal, player.choose(positions, legal))
        return seen

    def after_checkpoint(self, path: Path) -> None:
        """Does nothing."""

    def at_end(self, result: Mapping[str, Any]) -> None:
        """Does nothing."""
