"""The 46 planes that every set of features starts with."""

from typing import Final, final

import numpy as np

from keisei_core.observe import Channel, CompiledPlanes, PlaneContext
from keisei_core.shogi.positions import Positions, UInt8Array
from keisei_plugins_features import kernels
from keisei_plugins_features.pieces import BOARD_WORDS, HAND_KINDS, MOST_IN_HAND, PIECE_CODES, SIDES


@final
class Core46(CompiledPlanes):
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

    def __init__(self, context: PlaneContext) -> None:
        self._max_plies: Final = context.max_plies

    def encode_flat(self, positions: Positions, memory: UInt8Array, row_stride: int) -> None:
        """Writes uint8 [N, 46, 9, 9]; the ply plane holds ply * 255 // max_plies, at most 255."""
        kernels.encode_core46(
            positions.board,
            positions.hands,
            positions.side_to_move,
            positions.ply,
            self._max_plies,
            PIECE_CODES,
            HAND_KINDS,
            np.empty(kernels.WIDE, np.uint8),
            memory,
            row_stride,
        )
