"""Five optional sets of planes; none of them depends on max_plies."""

from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from keisei_core.observe import Channel, PlaneContext, SharedPlanes
from keisei_core.shogi.positions import NUM_HAND_KINDS, NUM_SQUARES, Positions, UInt8Array
from keisei_plugins_features import kernels
from keisei_plugins_features.pieces import BOARD_WORDS, HAND_KINDS, MOST_IN_HAND, SIDES

ZONE_RANKS: Final = 3
LEVELS: Final = {letter: min(most, 8) for letter, most in MOST_IN_HAND.items()}
"""Planes per kind in hand; a ninth pawn looks like the eighth."""

_BY_CHECK: Final = np.array([[0], [1]], np.uint8)
_BY_REPETITION: Final = np.array([[0, 0], [1, 0], [0, 1]], np.uint8)


def filled_planes() -> NDArray[np.uint64]:
    """Returns uint64 [2, 7, 19]: the planes, as bits, that a count of pieces of a kind in each hand fills."""
    filled = np.full((len(SIDES), NUM_HAND_KINDS, max(MOST_IN_HAND.values()) + 1), kernels.KNOWN)
    first = 0
    for side in range(len(SIDES)):
        for kind, levels in zip(HAND_KINDS, LEVELS.values(), strict=True):
            for count in range(filled.shape[2]):
                filled[side, kind, count] |= np.uint64(((1 << min(count, levels)) - 1) << first)
            first += levels
    return filled


@final
class Check(SharedPlanes):
    """One plane: ones where the mover is in check."""

    channels: Final = (Channel("check"),)

    num_notes: Final = 1

    def __init__(self, context: PlaneContext) -> None:
        del context

    def bind(
        self,
        place: UInt8Array,
        positions: Positions,
        memory: UInt8Array,
        row_stride: int,
        notes: UInt8Array,
        notes_stride: int,
    ) -> int:
        """Writes uint8 [N, 1, 9, 9]."""
        return kernels.bind_looked_up(place, positions.in_check, _BY_CHECK, memory, row_stride, notes, notes_stride)


@final
class Repetition(SharedPlanes):
    """Two planes: ones where the position stood once before in this game; twice (or more often) before."""

    channels: Final = (Channel("repetition_1"), Channel("repetition_2"))

    num_notes: Final = 1

    def __init__(self, context: PlaneContext) -> None:
        del context

    def bind(
        self,
        place: UInt8Array,
        positions: Positions,
        memory: UInt8Array,
        row_stride: int,
        notes: UInt8Array,
        notes_stride: int,
    ) -> int:
        """Writes uint8 [N, 2, 9, 9]."""
        return kernels.bind_looked_up(
            place, positions.repetition, _BY_REPETITION, memory, row_stride, notes, notes_stride
        )


@final
class PromotionZone(SharedPlanes):
    """One plane: ones on the three ranks farthest from the mover."""

    channels: Final = (Channel("prom_zone"),)

    num_notes: Final = 1

    def __init__(self, context: PlaneContext) -> None:
        del context
        self._zone: Final = (np.arange(NUM_SQUARES) % 9 < ZONE_RANKS).astype(np.uint8)

    def bind(
        self,
        place: UInt8Array,
        positions: Positions,
        memory: UInt8Array,
        row_stride: int,
        notes: UInt8Array,
        notes_stride: int,
    ) -> int:
        """Writes uint8 [N, 1, 9, 9]."""
        return kernels.bind_pattern(place, self._zone, memory, row_stride, notes, notes_stride)


@final
class LastTwoPlies(SharedPlanes):
    """Four planes, each with at most a single one: origin and destination of the last move, then of the one before."""

    channels: Final = (
        Channel("last_origin"),
        Channel("last_destination"),
        Channel("previous_origin"),
        Channel("previous_destination"),
    )

    num_notes: Final = 4

    def __init__(self, context: PlaneContext) -> None:
        del context

    def bind(
        self,
        place: UInt8Array,
        positions: Positions,
        memory: UInt8Array,
        row_stride: int,
        notes: UInt8Array,
        notes_stride: int,
    ) -> int:
        """Writes uint8 [N, 4, 9, 9]; a drop has no origin."""
        return kernels.bind_last_moves(place, positions.last_moves, memory, row_stride, notes, notes_stride)


@final
class HandThermometer(SharedPlanes):
    """56 planes: plane k of a kind is ones where at least k pieces of it are in hand; own hand, then the opponent's."""

    channels: Final = tuple(
        Channel(f"{side}_hand_{BOARD_WORDS[letter]}_{level}")
        for side in SIDES
        for letter, highest in LEVELS.items()
        for level in range(1, highest + 1)
    )

    num_notes: Final = int(kernels.WORD_BYTES)

    def __init__(self, context: PlaneContext) -> None:
        del context
        self._filled: Final = filled_planes()

    def bind(
        self,
        place: UInt8Array,
        positions: Positions,
        memory: UInt8Array,
        row_stride: int,
        notes: UInt8Array,
        notes_stride: int,
    ) -> int:
        """Writes uint8 [N, 56, 9, 9]."""
        return kernels.bind_thermometer(place, positions.hands, self._filled, memory, row_stride, notes, notes_stride)
