"""Starts in which White plays without a few pieces, any but the king.

Shape key: N positions, 81 squares.
"""

import numpy as np
from keisei_core.shogi import OPPONENT, PIECE_LETTERS, START_SFEN, Positions, StartContext, parse_sfen

from keisei_plugins_myname.options import MynameOptions

THEIR_KING = PIECE_LETTERS.index("K") + OPPONENT


class MynameStarts:
    """Draws from the stream that it is given, and from nothing else: that is how a resumed run draws the same."""

    def __init__(self, context: StartContext, options: MynameOptions) -> None:
        self.options = options

    def draw(self, num_positions: int, random: np.random.Generator) -> Positions:
        """Draws positions.

        Args:
            num_positions: N.
            random: consumed.

        Returns:
            N positions with Black, who has all pieces, to move.
        """
        positions = parse_sfen(START_SFEN)[np.zeros(num_positions, np.int64)]
        may_go = (positions.board > OPPONENT) & (positions.board != THEIR_KING)
        lots = np.where(may_go, random.random(may_go.shape), -1.0)
        gone = np.argsort(lots, axis=1)[:, 81 - self.options.pieces :]
        np.put_along_axis(positions.board, gone, 0, axis=1)
        return positions
