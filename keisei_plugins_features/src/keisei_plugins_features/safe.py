"""Planes of exchanges: where each side's pieces are safe, and what it would lose.

Counts of attackers say how many take part, not in which order: that takes the values of the attackers, those that stand
behind others, and pins, for each square anew. That is what these planes bring beside `attacks`, and no more than that:
squares that one side attacks more often than the other, say, are one layer away from the counts.
"""

from typing import Final, final

from keisei_core.observe import Channel, PlaneContext, SharedPlanes
from keisei_core.shogi.material import PIECE_VALUES
from keisei_core.shogi.mates import gain_tables
from keisei_core.shogi.positions import OPPONENT, Positions, UInt8Array
from keisei_core.shogi.tables import ROOK
from keisei_plugins_features import safe_kernels
from keisei_plugins_features.pieces import SIDES

ROOK_LOST: Final = 2 * PIECE_VALUES[ROOK]
"""A rook is lost on the board and gained in the other hand."""


@final
class Safe(SharedPlanes):
    """6 planes: where a pawn of the mover would be safe, where a gold, what its pieces would lose; the opponent's.

    By static exchange evaluation (`keisei_core.shogi.rules.swaps`), with the values of pieces that V starts from. The
    third plane of a side holds what the other side wins where it takes one of its pieces first, 0 where that is
    nothing. A piece is safe as if it were dropped: one that goes there from the board guards the square no longer.
    Nothing is marked where a king stands.
    """

    channels: Final = tuple(
        channel
        for side in SIDES
        for channel in (
            Channel(f"{side}_safe_pawn"),
            Channel(f"{side}_safe_gold"),
            Channel(f"{side}_hanging", 1 / ROOK_LOST),
        )
    )

    def __init__(self, context: PlaneContext) -> None:
        del context
        captures, promotions = gain_tables(PIECE_VALUES)
        captures[1 : OPPONENT + 1] = captures[OPPONENT + 1 :]
        promotions[OPPONENT + 1 :] = promotions[1 : OPPONENT + 1]
        self._captures: Final = captures
        self._promotions: Final = promotions

    def bind(
        self,
        place: UInt8Array,
        positions: Positions,
        memory: UInt8Array,
        row_stride: int,
        notes: UInt8Array,
        notes_stride: int,
    ) -> int:
        """Writes uint8 [N, 6, 9, 9]."""
        return safe_kernels.bind_safe(place, positions.board, self._captures, self._promotions, memory, row_stride)
