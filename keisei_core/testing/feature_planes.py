"""What is asked of observation planes.

Shape key: N positions, c channels of the planes tested.
"""

from collections.abc import Callable, Collection
from functools import cached_property
from typing import Final

import attrs
import numpy as np

from keisei_core.observe import CompiledPlanes, FeaturePlanes, FeatureSet, PlaneContext
from keisei_core.observe.plane_faults import (
    LARGEST,
    difference,
    encoded,
    input_problem,
    neighbour_problem,
    overflow_problem,
    overwriting_problem,
    repetition_problem,
    unwritten_problem,
)
from keisei_core.shogi import Games, Positions, UInt8Array, mirror_positions
from keisei_core.shogi.hard_positions import HARD_SFENS
from keisei_core.testing.check import Check
from keisei_core.testing.contract_error import ContractError, ask_only_if, require
from keisei_core.testing.corpus import corpus
from keisei_core.testing.under_test import UnderTest

MAX_PLIES: Final = 512
BATCHES: Final = (0, 1, 2, 65)
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
    ask_only_if(not isinstance(under_test.build(), CompiledPlanes), "compiled planes")
    _require_none(overflow_problem(under_test.build(), under_test.positions()))


def check_seen_values_are_finite(under_test: PlanesUnderTest) -> None:
    """The network sees float32, and so a scale must neither vanish in it nor overflow."""
    planes = under_test.alone()
    with np.errstate(over="ignore"):
        largest = planes.scales * np.float32(LARGEST)
    usable = np.isfinite(largest) & (planes.scales > 0)
    wrong = [channel for channel, good in zip(planes.channels, usable, strict=True) if not good]
    require(not wrong, f"stored value x scale must be a finite float32 above 0, is not for {wrong}")


def check_every_element_is_written(under_test: PlanesUnderTest) -> None:
    """What stood in the memory before makes no difference, be it anything or the planes of other positions."""
    _require_none(unwritten_problem(under_test.build(), under_test.positions()))
    _require_none(overwriting_problem(under_test.build(), under_test.positions()))


def check_neighbours_are_left_alone(under_test: PlanesUnderTest) -> None:
    """Only the plugin's own channels are written, not those before and after them."""
    _require_none(neighbour_problem(under_test.build(), under_test.positions()))


def check_same_positions_give_same_planes(under_test: PlanesUnderTest) -> None:
    """A second call, and a second object, write the same; a call leaves alone what an earlier one wrote."""
    planes, positions = under_test.build(), under_test.positions()
    _require_none(repetition_problem(planes, positions))
    other = encoded(under_test.build(), positions)
    _require_equal(encoded(planes, positions), other, "two objects must encode alike")


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
    _require_none(input_problem(under_test.build(), under_test.positions()))


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


def _encode(planes: FeatureSet, positions: Positions) -> UInt8Array:
    return planes.encode(positions, np.zeros((len(positions), planes.num_channels, 9, 9), np.uint8))


def _require_none(problem: str | None) -> None:
    require(problem is None, f"{problem}")


def _require_equal(expected: UInt8Array, got: UInt8Array, complaint: str) -> None:
    _require_none(difference(expected, got, complaint))
