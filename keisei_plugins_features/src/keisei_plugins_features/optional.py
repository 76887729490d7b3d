"""Five optional sets of planes; none of them depends on max_plies."""

from typing import Final, final

import numpy as np

from keisei_core.observe import Channel, CompiledPlanes, PlaneContext
from keisei_core.shogi.positions import NUM_SQUARES, Positions, UInt8Array
from keisei_plugins_features import kernels
from keisei_plugins_features.pieces import BOARD_WORDS, HAND_KINDS, MOST_IN_HAND, SIDES

ZONE_RANKS: Final = 3
LEVELS: Final = {letter: min(most, 8) for letter, most in MOST_IN_HAND.items()}
"""Planes per kind in hand; a ninth pawn looks like the eighth."""

_BY_CHECK: Final = np.array([[0], [1]], np.uint8)
_BY_REPETITION: Final = np.array([[0, 0], [1, 0], [0, 1]], np.uint8)


@final
class Check(CompiledPlanes):
    """One plane: ones where the mover is in check."""

    channels: Final = (Channel("check"),)

    def __init__(self, context: PlaneContext) -> None:
        del context

    def encode_flat(self, positions: Positions, memory: UInt8Array, row_stride: int) -> None:
        """Writes uint8 [N, 1, 9, 9]."""
        kernels.encode_looked_up(positions.in_check, _BY_CHECK, memory, row_stride)


@final
class Repetition(CompiledPlanes):
    """Two planes: ones where the position stood once before in this game; twice (or more often) before."""

    channels: Final = (Channel("repetition_1"), Channel("repetition_2"))

    def __init__(self, context: PlaneContext) -> None:
        del context

    def encode_flat(self, positions: Positions, memory: UInt8Array, row_stride: int) -> None:
        """Writes uint8 [N, 2, 9, 9]."""
        kernels.encode_looked_up(positions.repetition, _BY_REPETITION, memory, row_stride)


@final
class PromotionZone(CompiledPlanes):
    """One plane: ones on the three ranks farthest from the mover."""

    channels: Final = (Channel("prom_zone"),)

    def __init__(self, context: PlaneContext) -> None:
        del context
        self._zone: Final = (np.arange(NUM_SQUARES) % 9 < ZONE_RANKS).astype(np.uint8)

    def encode_flat(self, positions: Positions, memory: UInt8Array, row_stride: int) -> None:
        """Writes uint8 [N, 1, 9, 9]."""
        kernels.encode_pattern(len(positions), self._zone, memory, row_stride)


@final
class LastTwoPlies(CompiledPlanes):
    """Four planes, each with at most a single one: origin and destination of the last move, then of the one before."""

    channels: Final = (
        Channel("last_origin"),
        Channel("last_destination"),
        Channel("previous_origin"),
        Channel("previous_destination"),
    )

    def __init__(self, context: PlaneContext) -> None:
        del context

    def encode_flat(self, positions: Positions, memory: UInt8Array, row_stride: int) -> None:
        """Writes uint8 [N, 4, 9, 9]; a drop has no origin."""
        kernels.encode_last_moves(positions.last_moves, memory, row_stride)


@final
class HandThermometer(CompiledPlanes):
    """56 planes: plane k of a kind is ones where at least k pieces of it are in hand; own hand, then the opponent's."""

    channels: Final = tuple(
        Channel(f"{side}_hand_{BOARD_WORDS[letter]}_{level}")
        for side in SIDES
        for letter, highest in LEVELS.items()
        for level in range(1, highest + 1)
    )

    def __init__(self, context: PlaneContext) -> None:
        del context
        highest = np.array(list(LEVELS.values()))
        self._kinds: Final = np.repeat(HAND_KINDS, highest)
        self._levels: Final = np.concatenate([np.arange(1, most + 1, dtype=np.uint8) for most in highest])

    def encode_flat(self, positions: Positions, memory: UInt8Array, row_stride: int) -> None:
        """Writes uint8 [N, 56, 9, 9]."""
        kernels.encode_thermometer(positions.hands, self._kinds, self._levels, memory, row_stride)
