"""What is asked of observation planes.

Shape key: N positions, c channels of the planes tested.
"""

from collections.abc import Callable, Collection
from functools import cached_property
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.observe import CompiledPlanes, FeaturePlanes, FeatureSet, PlaneContext
from keisei_core.shogi import Games, Positions, UInt8Array, mirror_positions
from keisei_core.testing.check import Check
from keisei_core.testing.contract_error import ContractError, ask_only_if, require
from keisei_core.testing.corpus import HARD_SFENS, corpus
from keisei_core.testing.under_test import UnderTest

MAX_PLIES: Final = 512
MARKS: Final = (0, 0xA5)
"""What stands in the memory before planes are written; no plane may depend on it."""
BATCHES: Final = (0, 1, 2, 65)
LARGEST: Final = 255
NUM_GAMES: Final = 8
NUM_PLIES: Final = 64
ASKED_EVERY: Final = 7
"""Plies of the games in which an object is compared with fresh ones, and how often; odd, so that both sides move."""


@attrs.frozen(kw_only=True)
class PlanesUnderTest(UnderTest):
    """Planes and what their author says about them."""

    make: Callable[[PlaneContext], FeaturePlanes]
    absolute: Collection[str] = ()
    """Names of channels that depend on the mover's colour, as few do: all else is seen from the mover."""
    mirrors: bool = True
    """True where a left-right mirrored position gives mirrored planes."""

    def build(self, max_plies: int = MAX_PLIES) -> FeaturePlanes:
        """Builds the planes for games of this length."""
        return self.make(PlaneContext(max_plies=max_plies))

    def alone(self) -> FeatureSet:
        """Builds an observation of these planes only."""
        return FeatureSet([self.build()])

    @cached_property
    def refused(self) -> dict[int, Exception]:
        """Rows of the corpus at which encoding raises; only one check complains of them."""
        planes, positions = self.alone(), self._corpus()
        return {row: error for row in range(len(positions)) if (error := _error_of(planes, positions[row : row + 1]))}

    def positions(self) -> Positions:
        """Returns a fresh copy of the corpus, with the earlier positions asked for, without what the planes refuse."""
        positions = self._corpus()
        return positions[np.array([row for row in range(len(positions)) if row not in self.refused], np.int64)]

    def _corpus(self) -> Positions:
        return corpus(self.alone().needs.history)


class _Watched(np.ndarray[Any, np.dtype[np.uint8]]):
    """An array that refuses what a byte can't hold, where numpy would cut it off without a word."""

    def __setitem__(self, key: Any, value: Any) -> None:
        given = np.asarray(value)
        fits = given.dtype == np.uint8 or bool(((given >= 0) & (given <= LARGEST) & (given == given // 1)).all())
        require(fits, f"planes must be written as whole numbers 0 to {LARGEST}, got {given.dtype} {_extremes(given)}")
        super().__setitem__(key, value)


def check_channels_are_declared(under_test: PlanesUnderTest) -> None:
    """Channels are a tuple of `Channel` with names of their own, and the same however long games may get."""
    channels = under_test.alone().channels
    longer = FeatureSet([under_test.build(max_plies=1)]).channels
    require(channels == longer, f"channels must not depend on max_plies, got {channels} and {longer}")
    unknown = set(under_test.absolute) - {channel.name for channel in channels}
    require(not unknown, f"absolute names must be channels of these planes, got {sorted(unknown)}")


def check_any_number_of_positions(under_test: PlanesUnderTest) -> None:
    """None, one, two and many positions give as many times the declared channels, 9 by 9, in uint8."""
    planes, positions = under_test.build(), under_test.positions()
    for num_positions in BATCHES:
        whole = np.zeros((num_positions, len(planes.channels), 9, 9), np.uint8)
        try:
            planes.encode(positions[:num_positions], whole)
        except Exception as error:
            raise ContractError(f"encode must take {num_positions} positions, got {error!r}") from error


def check_hard_positions(under_test: PlanesUnderTest) -> None:
    """Every hard position can be encoded: full hands, everything promoted, checks, move numbers beyond the cap."""
    names = [*HARD_SFENS, *("from a random game" for _ in under_test.refused)]
    told = {names[min(row, len(HARD_SFENS))]: repr(error) for row, error in under_test.refused.items()}
    require(not told, f"every legal position must be encoded, these are refused: {told}")


def check_values_fit_a_byte(under_test: PlanesUnderTest) -> None:
    """Nothing is written that uint8 would wrap around or cut off; kernels are not watched, only numpy is."""
    planes = under_test.build()
    ask_only_if(not isinstance(planes, CompiledPlanes), "compiled planes")
    positions = under_test.positions()
    planes.encode(positions, np.zeros((len(positions), len(planes.channels), 9, 9), np.uint8).view(_Watched))


def check_seen_values_are_finite(under_test: PlanesUnderTest) -> None:
    """The network sees float32, and so a scale must neither vanish in it nor overflow."""
    planes = under_test.alone()
    with np.errstate(over="ignore"):
        largest = planes.scales * np.float32(LARGEST)
    usable = np.isfinite(largest) & (planes.scales > 0)
    wrong = [channel for channel, good in zip(planes.channels, usable, strict=True) if not good]
    require(not wrong, f"stored value x scale must be a finite float32 above 0, is not for {wrong}")


def check_every_element_is_written(under_test: PlanesUnderTest) -> None:
    """What stood in the memory before makes no difference."""
    planes, positions = under_test.alone(), under_test.positions()
    first, second = (_encode(planes, positions, mark) for mark in MARKS)
    _require_equal(first, second, "planes must be written completely, these depend on what stood there before")


def check_neighbours_are_left_alone(under_test: PlanesUnderTest) -> None:
    """Only the plugin's own channels are written, not those before and after them."""
    planes, positions = under_test.build(), under_test.positions()
    for mark in MARKS:
        whole = np.full((len(positions), len(planes.channels) + 2, 9, 9), mark, np.uint8)
        planes.encode(positions, whole[:, 1:-1])
        untouched = bool((whole[:, [0, -1]] == mark).all())
        require(untouched, "encode must write its own channels only, it wrote beside them")


def check_same_positions_give_same_planes(under_test: PlanesUnderTest) -> None:
    """A second call, and a second object, write the same."""
    planes, positions = under_test.alone(), under_test.positions()
    first = _encode(planes, positions)
    _require_equal(first, _encode(planes, positions), "encoding twice must give the same")
    _require_equal(first, _encode(under_test.alone(), positions), "two objects must encode alike")


def check_fresh_object_sees_the_same_in_a_game(under_test: PlanesUnderTest) -> None:
    """Planes made in the middle of a game don't depend on whether the object saw the plies before.

    A resumed run, another process, learning and a match all begin with an object that saw nothing. What planes need of
    the past they ask for in `needs`.
    """
    planes = under_test.alone()
    games = Games(NUM_GAMES, seed=2, history=planes.needs.history)
    for ply in range(NUM_PLIES):
        followed = _encode(planes, games.positions)
        if ply % ASKED_EVERY == 0:
            fresh = _encode(under_test.alone(), games.positions)
            complaint = f"a new object must write the same as one that saw the game, at ply {ply} it does not"
            _require_equal(followed, fresh, complaint)
        games.step(games.sample())


def check_batch_equals_singles(under_test: PlanesUnderTest) -> None:
    """A position's planes do not depend on its company or on a slice."""
    positions, planes = under_test.positions(), under_test.alone()
    whole = _encode(planes, positions)
    parts = {f"position {row} encoded alone": slice(row, row + 1) for row in range(len(positions))}
    parts |= {"a slice": slice(3, 20), "every third, last first": slice(None, None, -3)}
    for name, part in parts.items():
        _require_equal(whole[part], _encode(planes, positions[part]), f"planes must not depend on the batch, {name} do")


def check_input_is_left_alone(under_test: PlanesUnderTest) -> None:
    """Encoding reads positions and changes nothing in them."""
    positions = under_test.positions()
    _encode(under_test.alone(), positions)
    for name, before in under_test.positions().arrays().items():
        same = np.array_equal(before, positions.arrays()[name])
        require(same, f"encode must not change positions, it changed {name}")


def check_colour_makes_no_difference(under_test: PlanesUnderTest) -> None:
    """The board turned by 180 degrees with colours swapped looks the same, but for channels said to be absolute."""
    planes, turned = under_test.alone(), under_test.positions()
    turned.side_to_move[:] = 1 - turned.side_to_move
    seen = [channel.name not in under_test.absolute for channel in planes.channels]
    _require_equal(
        _encode(planes, under_test.positions())[:, seen],
        _encode(planes, turned)[:, seen],
        "planes must be seen by the mover, whatever his colour; declare channels that are not as absolute",
    )


def check_mirrored_positions_give_mirrored_planes(under_test: PlanesUnderTest) -> None:
    """Left and right are alike, where the author says so."""
    ask_only_if(under_test.mirrors, "mirrors = False")
    planes, positions = under_test.alone(), under_test.positions()
    _require_equal(
        _encode(planes, positions)[:, :, ::-1],
        _encode(planes, mirror_positions(positions)),
        "a mirrored position must give mirrored planes; say mirrors = False if that is not meant",
    )


FEATURE_PLANES_CHECKS: Final[tuple[Check, ...]] = (
    check_channels_are_declared,
    check_any_number_of_positions,
    check_hard_positions,
    check_values_fit_a_byte,
    check_seen_values_are_finite,
    check_every_element_is_written,
    check_neighbours_are_left_alone,
    check_same_positions_give_same_planes,
    check_fresh_object_sees_the_same_in_a_game,
    check_batch_equals_singles,
    check_input_is_left_alone,
    check_colour_makes_no_difference,
    check_mirrored_positions_give_mirrored_planes,
)


def _error_of(planes: FeatureSet, position: Positions) -> Exception | None:
    try:
        planes.encode(position)
    except Exception as error:
        return error
    return None


def _encode(planes: FeatureSet, positions: Positions, mark: int = 0) -> UInt8Array:
    return planes.encode(positions, np.full((len(positions), planes.num_channels, 9, 9), mark, np.uint8))


def _extremes(values: NDArray[Any]) -> str:
    return f"{values.min()} to {values.max()}"


def _require_equal(expected: UInt8Array, got: UInt8Array, complaint: str) -> None:
    different = np.argwhere(expected != got) if expected.shape == got.shape else np.zeros((1, 4), np.int64)
    if len(different):
        position, channel, file, rank = different[0]
        require(False, f"{complaint}: first at position {position}, channel {channel}, file {file}, rank {rank}")
