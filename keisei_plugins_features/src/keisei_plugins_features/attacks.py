"""Planes of attacks: which squares each kind of piece attacks, and how many pieces of a side do.

The same information as dlshogi's features of attacks ("kiki"): what a network of few layers would have to find out by
following lines over the board.
"""

from typing import Final, final

import numpy as np

from keisei_core.observe import Channel, PlaneContext, SharedPlanes
from keisei_core.shogi.actions import KNIGHT_LEFT, KNIGHT_RIGHT, NUM_DIRECTIONS
from keisei_core.shogi.positions import NUM_SQUARES, OPPONENT, Positions, UInt8Array
from keisei_core.shogi.tables import (
    DELTA,
    KNIGHT,
    NUM_CODES,
    OPPONENT_SLIDES,
    OWN_SLIDES,
    RAY_LENGTH,
    STEPS,
    directions,
)
from keisei_plugins_features import kernels
from keisei_plugins_features.pieces import BOARD_WORDS, PIECE_CODES, SIDES


def stepped_to() -> UInt8Array:
    """Returns uint8 [29, 81, 96]: 1 on the squares that a piece on a square attacks by a step or jump, padded."""
    table = np.zeros((NUM_CODES, NUM_SQUARES, kernels.WIDE), np.uint8)
    own, opponent = table[1 : OPPONENT + 1], table[OPPONENT + 1 :]
    for code, members in (STEPS | {KNIGHT: directions((KNIGHT_LEFT, KNIGHT_RIGHT))}).items():
        for direction in range(NUM_DIRECTIONS):
            if members >> direction & 1:
                origins = np.flatnonzero(RAY_LENGTH[:, direction])
                table[code, origins, origins + DELTA[direction]] = 1
    opponent[:, :, :NUM_SQUARES] = own[:, ::-1, NUM_SQUARES - 1 :: -1]
    return table


@final
class Attacks(SharedPlanes):
    """34 planes: squares attacked by each kind of own piece, of the opponent's; by one, two, three of a side at least.

    A square is attacked where a piece could take if an enemy stood there, own pieces' squares included (defended);
    a pinned piece attacks too, and nothing attacks through another piece.
    """

    channels: Final = (
        *(Channel(f"{side}_{word}_attacks") for side in SIDES for word in BOARD_WORDS.values()),
        *(Channel(f"{side}_attacks_{count}") for side in SIDES for count in range(1, int(kernels.MOST_COUNTED) + 1)),
    )

    def __init__(self, context: PlaneContext) -> None:
        del context
        self._planes: Final = np.zeros(NUM_CODES, np.uint64)
        self._planes[PIECE_CODES] = np.arange(len(PIECE_CODES))
        self._steps: Final = stepped_to()
        self._slides: Final = OWN_SLIDES | OPPONENT_SLIDES

    def bind(
        self,
        place: UInt8Array,
        positions: Positions,
        memory: UInt8Array,
        row_stride: int,
        notes: UInt8Array,
        notes_stride: int,
    ) -> int:
        """Writes uint8 [N, 34, 9, 9]."""
        return kernels.bind_attacks(
            place,
            positions.board,
            self._planes,
            self._steps,
            self._slides,
            memory,
            row_stride,
        )
