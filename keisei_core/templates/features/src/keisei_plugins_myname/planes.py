"""Two planes: how many king's steps each square is from the mover's king, and from the opponent's.

Shape key: N positions.
"""

import numpy as np
from keisei_core.observe import Channel, PlaneContext
from keisei_core.shogi import OPPONENT, PIECE_LETTERS, Positions, UInt8Array

from keisei_plugins_myname.options import MynameOptions

KING = PIECE_LETTERS.index("K")


class MynamePlanes:
    """Writes uint8 [N, 2, 9, 9]: 0 on the king's square, 1 around it, up to the reach.

    Planes that look back say `needs = Needs(history=7)`, and get the seven positions before in `positions.history`.
    """

    def __init__(self, context: PlaneContext, options: MynameOptions) -> None:
        del context  # says how long games may get, which these planes need not know
        self.channels = (
            Channel("myname_own_king", scale=1 / options.reach),
            Channel("myname_opponent_king", scale=1 / options.reach),
        )
        self.steps = _steps_between_squares().clip(max=options.reach)

    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        """Fills `planes`, which holds anything before; the board is as the side to move sees it."""
        for channel, king in enumerate((KING, KING + OPPONENT)):
            squares = (positions.board == king).argmax(axis=1)
            planes[:, channel] = self.steps[squares].reshape(-1, 9, 9)


def _steps_between_squares() -> UInt8Array:
    """Returns king's steps from square to square, uint8 [81, 81]; square = file * 9 + rank."""
    file, rank = np.divmod(np.arange(81), 9)
    steps: UInt8Array = np.maximum(abs(file[:, None] - file), abs(rank[:, None] - rank)).astype(np.uint8)
    return steps
