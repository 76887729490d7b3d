"""Planes of attacks: which squares each kind of piece attacks, and how many pieces of a side do.

The same information as dlshogi's features of attacks ("kiki"): what a network of few layers would have to find out by
following lines over the board.
"""

from typing import Final, final

import numpy as np

from keisei_core.observe import Channel, CompiledPlanes, PlaneContext
from keisei_core.shogi.actions import KNIGHT_LEFT, KNIGHT_RIGHT
from keisei_core.shogi.positions import OPPONENT, Positions, UInt8Array
from keisei_core.shogi.tables import KNIGHT, NUM_CODES, SLIDES, STEPS, directions
from keisei_plugins_features import kernels
from keisei_plugins_features.pieces import BOARD_WORDS, PIECE_CODES, SIDES

MOST_COUNTED: Final = 3
"""A fourth attacker of a square looks like the third."""


@final
class Attacks(CompiledPlanes):
    """34 planes: squares attacked by each kind of own piece, of the opponent's; by one, two, three of a side at least.

    A square is attacked where a piece could take if an enemy stood there, own pieces' squares included (defended);
    a pinned piece attacks too, and nothing attacks through another piece.
    """

    channels: Final = (
        *(Channel(f"{side}_{word}_attacks") for side in SIDES for word in BOARD_WORDS.values()),
        *(Channel(f"{side}_attacks_{count}") for side in SIDES for count in range(1, MOST_COUNTED + 1)),
    )

    def __init__(self, context: PlaneContext) -> None:
        del context
        self._planes: Final = np.zeros(NUM_CODES, np.int64)
        self._planes[PIECE_CODES] = np.arange(len(PIECE_CODES))
        steps = STEPS | {KNIGHT: directions((KNIGHT_LEFT, KNIGHT_RIGHT))}
        self._steps: Final = np.array([steps.get(code, 0) for code in range(OPPONENT + 1)])
        self._slides: Final = np.array([SLIDES.get(code, 0) for code in range(OPPONENT + 1)])
        self._counted: Final = len(PIECE_CODES) + MOST_COUNTED * np.arange(len(SIDES))

    def encode_flat(self, positions: Positions, memory: UInt8Array, row_stride: int) -> None:
        """Writes uint8 [N, 34, 9, 9]."""
        kernels.encode_attacks(
            positions.board, self._planes, self._steps, self._slides, self._counted, memory, row_stride
        )
