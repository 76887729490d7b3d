"""The contract of observation planes finds what is wrong on purpose, and nothing else."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keisei_core.observe import Channel, CompiledPlanes, FeaturePlanes, PlaneContext, SharedPlanes
from keisei_core.shogi import Positions, UInt8Array
from keisei_core.shogi.compile import inner, kernel
from keisei_core.shogi.rules.tasks import bind
from keisei_core.testing import FEATURE_PLANES_CHECKS, Outcome, PlanesUnderTest, failures, run_checks


class Good:
    """The board of the mover's pieces, the mover's pawns in hand, and whether he is in check."""

    channels: tuple[Channel, ...] = (Channel("toy_pieces"), Channel("toy_pawns", 1 / 18), Channel("toy_check"))

    def __init__(self, context: PlaneContext) -> None:
        self.context = context

    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        planes[:, 0] = (positions.board > 0).reshape(-1, 9, 9)
        planes[:, 1] = positions.hands[:, 0, :1, None]
        planes[:, 2] = positions.in_check[:, None, None]


class ChannelsOfTheLength(Good):
    def __init__(self, context: PlaneContext) -> None:
        super().__init__(context)
        self.channels = (*self.channels[:2], Channel(f"toy_check_{context.max_plies}"))


class NothingFromNothing(Good):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        assert positions.hands.max() >= 0  # numpy refuses the largest of nothing
        super().encode(positions, planes)


class TooFewPawns(Good):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        super().encode(positions, planes)
        planes[:, 1] = np.arange(18, dtype=np.uint8)[positions.hands[:, 0, 0]][:, None, None]


class PliesWrapAround(Good):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        super().encode(positions, planes)
        planes[:, 1] = positions.ply[:, None, None]


class ScaleBeyondFloat32(Good):
    channels = (Channel("toy_pieces"), Channel("toy_pawns", 1e-60), Channel("toy_check"))


class HalfWritten(Good):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        before = planes[:, 2].copy()
        super().encode(positions, planes)
        planes[:, 2] = np.where(positions.in_check[:, None, None] == 1, 1, before)


class WritesBeside(Good):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        super().encode(positions, planes)
        if planes.base is not None and planes.base.ndim == 4 and planes.base.shape[1] > len(self.channels):
            planes.base[:, -1] = 3


class OfTheObject(Good):
    made = 0

    def __init__(self, context: PlaneContext) -> None:
        super().__init__(context)
        OfTheObject.made += 1
        self.number = OfTheObject.made % 256

    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        super().encode(positions, planes)
        planes[positions.ply > 400, 2] = self.number  # later than the games that a fresh object is tried on


class OfTheGame(Good):
    """Remembers what it encoded before: an object that comes in the middle of a game writes something else."""

    saw_a_start = False

    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        super().encode(positions, planes)
        self.saw_a_start |= bool((positions.ply == 0).any())
        planes[:, 2] = self.saw_a_start


class OfTheBatch(Good):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        super().encode(positions, planes)
        planes[:, 2] = len(positions) % 256


class ChangesPositions(CompiledPlanes):
    """Arrays for kernels can be written to, so nothing else stops it."""

    channels = (Channel("toy_zeros"),)

    def __init__(self, context: PlaneContext) -> None:
        del context

    def encode_flat(self, positions: Positions, memory: UInt8Array, row_stride: int) -> None:
        for row in range(len(positions)):
            memory[row * row_stride : row * row_stride + 81] = 0
        positions.repetition[:] = 0


class OfTheColour(Good):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        super().encode(positions, planes)
        planes[:, 2] = positions.side_to_move[:, None, None]


class LeftHanded(Good):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        super().encode(positions, planes)
        planes[:, 2] = 0
        planes[:, 2, 8] = 1


BROKEN: dict[str, Callable[[PlaneContext], FeaturePlanes]] = {
    "channels_are_declared": ChannelsOfTheLength,
    "any_number_of_positions": NothingFromNothing,
    "hard_positions": TooFewPawns,
    "values_fit_a_byte": PliesWrapAround,
    "seen_values_are_finite": ScaleBeyondFloat32,
    "every_element_is_written": HalfWritten,
    "neighbours_are_left_alone": WritesBeside,
    "same_positions_give_same_planes": OfTheObject,
    "fresh_object_sees_the_same_in_a_game": OfTheGame,
    "batch_equals_singles": OfTheBatch,
    "input_is_left_alone": ChangesPositions,
    "colour_makes_no_difference": OfTheColour,
    "mirrored_positions_give_mirrored_planes": LeftHanded,
}


def failing(make: Callable[[PlaneContext], FeaturePlanes]) -> list[str]:
    return list(failures(FEATURE_PLANES_CHECKS, PlanesUnderTest(make=make)))


def test_good_planes_pass_every_check() -> None:
    found = run_checks(FEATURE_PLANES_CHECKS, PlanesUnderTest(make=Good))

    assert [finding.outcome for finding in found] == [Outcome.PASSED] * 13


def test_every_check_has_planes_that_break_it() -> None:
    assert [f"check_{name}" for name in BROKEN] == [check.__name__ for check in FEATURE_PLANES_CHECKS]


@pytest.mark.parametrize("check", BROKEN)
def test_wrong_planes_break_just_their_check(check: str) -> None:
    assert failing(BROKEN[check]) == [check]


def test_planes_that_change_from_call_to_call_are_found() -> None:
    class Forgetful(Good):
        calls = 0

        def encode(self, positions: Positions, planes: UInt8Array) -> None:
            super().encode(positions, planes)
            self.calls += 1
            planes[:, 2] = self.calls % 2

    assert "same_positions_give_same_planes" in failing(Forgetful)


@inner
def write_at_first(
    low: int, high: int, ply: np.ndarray, memory: UInt8Array, row_stride: int, notes: UInt8Array, notes_stride: int
) -> None:
    for position in range(low, high):
        if notes[position * notes_stride] == 0:
            notes[position * notes_stride] = 1
            for square in range(81):
                memory[position * row_stride + square] = ply[position] & 255


@kernel
def bind_at_first(
    place: UInt8Array, ply: np.ndarray, memory: UInt8Array, row_stride: int, notes: UInt8Array, notes_stride: int
) -> int:
    return bind(place, write_at_first, (ply, memory, row_stride, notes, notes_stride))


def test_planes_whose_notes_miss_a_change_are_found() -> None:
    class WrittenOnce(SharedPlanes):
        channels = (Channel("toy_ply"),)
        num_notes = 1

        def bind(self, place: UInt8Array, positions: Positions, *where: Any) -> int:
            return bind_at_first(place, positions.ply, *where)

    found = failures(FEATURE_PLANES_CHECKS, PlanesUnderTest(make=lambda context: WrittenOnce()))

    assert list(found) == ["every_element_is_written"]
    assert "planes written over others must be those written anew" in str(found["every_element_is_written"])


def test_array_of_a_position_that_numpy_writes_to_is_found() -> None:
    class Writes(Good):
        def encode(self, positions: Positions, planes: UInt8Array) -> None:
            positions.board[:, 0] = 0
            super().encode(positions, planes)

    found = failures(FEATURE_PLANES_CHECKS, PlanesUnderTest(make=Writes))

    told = "encode must not change positions, got assignment destination is read-only"
    assert str(found["input_is_left_alone"]) == told


def test_kept_memory_that_a_later_call_writes_to_is_found() -> None:
    class Keeps(Good):
        kept: UInt8Array | None = None

        def encode(self, positions: Positions, planes: UInt8Array) -> None:
            if self.kept is not None:
                self.kept[:] = 9
            self.kept = planes
            super().encode(positions, planes)

    found = failures(FEATURE_PLANES_CHECKS, PlanesUnderTest(make=Keeps))

    told = "encode must not keep the planes that it is given, a second call changed those of the first"
    assert told in str(found["same_positions_give_same_planes"])


@pytest.mark.parametrize("written", [-1, 256, 0.5, np.nan])
def test_value_that_a_byte_cannot_hold_is_found(written: float) -> None:
    class Wrong(Good):
        def encode(self, positions: Positions, planes: UInt8Array) -> None:
            super().encode(positions, planes)
            with np.errstate(invalid="ignore"):
                planes[:, 1] = np.full((len(planes), 9, 9), written)

    assert failing(Wrong) == ["values_fit_a_byte"]


def test_what_the_author_declares_is_not_held_against_him() -> None:
    coloured = PlanesUnderTest(make=OfTheColour, absolute=("toy_check",))
    left_handed = PlanesUnderTest(make=LeftHanded, mirrors=False)

    assert failures(FEATURE_PLANES_CHECKS, coloured) == {}
    assert run_checks(FEATURE_PLANES_CHECKS, left_handed)[-1].outcome is Outcome.NOT_ASKED


def test_colour_declared_of_a_channel_that_is_not_there_is_found() -> None:
    under_test = PlanesUnderTest(make=Good, absolute=("toy_chekc",))

    assert list(failures(FEATURE_PLANES_CHECKS, under_test)) == ["channels_are_declared"]


def test_compiled_planes_are_not_watched() -> None:
    class Compiled(CompiledPlanes):
        channels = (Channel("toy_zeros"),)

        def __init__(self, context: PlaneContext) -> None:
            del context

        def encode_flat(self, positions: Positions, memory: UInt8Array, row_stride: int) -> None:
            for row in range(len(positions)):
                memory[row * row_stride : row * row_stride + 81] = 0

    found = {finding.check: finding for finding in run_checks(FEATURE_PLANES_CHECKS, PlanesUnderTest(make=Compiled))}

    assert found["values_fit_a_byte"].reason == "compiled planes"
