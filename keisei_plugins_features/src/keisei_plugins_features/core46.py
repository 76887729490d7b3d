"""The 46 planes that every set of features starts with."""

from typing import Final, final

from keisei_core.observe import Channel, PlaneContext, SharedPlanes
from keisei_core.shogi.positions import Positions, UInt8Array
from keisei_plugins_features import kernels
from keisei_plugins_features.pieces import BOARD_WORDS, HAND_KINDS, MOST_IN_HAND, PIECE_CODES, SIDES


@final
class Core46(SharedPlanes):
    """Pieces on the board (0-27) and in hand (28-41), colour (42), ply (43), ones (44), reserved (45)."""

    channels: Final = (
        *(Channel(f"{side}_{word}", 1.0) for side in SIDES for word in BOARD_WORDS.values()),
        *(
            Channel(f"{side}_hand_{BOARD_WORDS[letter]}", 1.0 / most)
            for side in SIDES
            for letter, most in MOST_IN_HAND.items()
        ),
        Channel("black_to_move", 1.0),
        Channel("ply", 1.0 / kernels.LARGEST),
        Channel("ones", 1.0),
        Channel("reserved", 1.0),
    )

    num_notes: Final = 2 * len(HAND_KINDS) + 4

    def __init__(self, context: PlaneContext) -> None:
        self._max_plies: Final = context.max_plies

    def bind(
        self,
        place: UInt8Array,
        positions: Positions,
        memory: UInt8Array,
        row_stride: int,
        notes: UInt8Array,
        notes_stride: int,
    ) -> int:
        """Writes uint8 [N, 46, 9, 9]; the ply plane holds ply * 255 // max_plies, at most 255."""
        return kernels.bind_core46(
            place,
            positions.board,
            positions.hands,
            positions.side_to_move,
            positions.ply,
            self._max_plies,
            PIECE_CODES,
            HAND_KINDS,
            memory,
            row_stride,
            notes,
            notes_stride,
        )
