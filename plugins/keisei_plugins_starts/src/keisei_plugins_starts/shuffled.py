"""Starts with the ordinary pieces in another order: initial state diversification.

Nakayashiki and Kaneko (ICGA Journal 2024, doi 10.3233/ICG-240255) rearrange the pieces of the start position for each
game of self-play, under constraints that keep it Shogi. Here the nine pieces of a side's first rank change places among
themselves, bishop and rook take any two squares of the second, and the pawns stay.

Shape key: N positions, 2 ranks (second, first), 9 files from the side's own right.
"""

from typing import Final

import numpy as np

from keisei_core.shogi import OPPONENT, START_SFEN, Games, Positions, StartContext, Starts, UInt8Array, parse_sfen
from keisei_plugins_starts.options import ShuffledOptions

SECOND: Final = 7
"""A side's second rank, as it sees the board; the opponent sees it as 1."""
FIRST: Final = 8
ORDINARY: Final = parse_sfen(START_SFEN)


class Shuffled:
    """Draws set-ups. Black moves first, and nobody is in check: the pawns stand in between."""

    def __init__(self, context: StartContext, options: ShuffledOptions) -> None:
        self.max_plies = context.max_plies
        self.options = options

    def draw(self, num_positions: int, random: np.random.Generator) -> Positions:
        """Draws positions.

        Args:
            num_positions: N.
            random: consumed.

        Returns:
            N positions, a copy of none.
        """
        black = self._set_ups(num_positions, random)
        white = black if self.options.symmetric else self._set_ups(num_positions, random)
        positions = ORDINARY[np.zeros(num_positions, np.int64)]
        boards = positions.board.reshape(-1, 9, 9)
        boards[:, :, SECOND], boards[:, :, FIRST] = black[:, 0], black[:, 1]
        turned = np.where(white > 0, white + OPPONENT, 0)[:, :, ::-1]
        boards[:, :, 8 - SECOND], boards[:, :, 8 - FIRST] = turned[:, 0], turned[:, 1]
        return self._played_on(positions, random) if self.options.plies else positions

    def _set_ups(self, num: int, random: np.random.Generator) -> UInt8Array:
        """Draws what stands on a side's two ranks, uint8 [N, 2, 9]."""
        ordinary = ORDINARY.board.reshape(9, 9)[:, [SECOND, FIRST]].T
        ranks = np.tile(ordinary, (num, 1, 1))
        if not self.options.swaps:
            return random.permuted(ranks, axis=2)
        rows = np.arange(num)
        for _ in range(self.options.swaps):
            rank, one = random.integers(2, size=num), random.integers(9, size=num)
            other = (one + random.integers(1, 9, size=num)) % 9
            ranks[rows, rank, one], ranks[rows, rank, other] = ranks[rows, rank, other], ranks[rows, rank, one]
        return ranks

    def _played_on(self, positions: Positions, random: np.random.Generator) -> Positions:
        """Plays random plies; which of the positions each game starts from is drawn too."""
        starts = Starts(positions, random_plies=self.options.plies)
        seed = int(random.integers(2**63))
        return Games(len(positions), max_plies=self.max_plies, starts=starts, seed=seed).positions
