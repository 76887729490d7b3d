"""What is asked of observation planes.

Shape key: N positions, c channels of the planes tested.
"""

from collections.abc import Callable, Collection
from typing import Final

import attrs
import numpy as np

from keisei_core.observe import FeaturePlanes, FeatureSet, PlaneContext
from keisei_core.shogi import Positions, UInt8Array, mirror_positions
from keisei_core.testing.contract_error import require
from keisei_core.testing.corpus import corpus

MARKS: Final = (0, 0xA5)
"""What stands in the memory before planes are written; no plane may depend on it."""


@attrs.frozen(kw_only=True)
class PlanesUnderTest:
    """Planes and what their author says about them."""

    make: Callable[[PlaneContext], FeaturePlanes]
    """Builds the planes, as the plugin's target does."""
    absolute: Collection[str] = ()
    """Names of channels that depend on the mover's colour, as few do: all else is seen from the mover."""
    mirrors: bool = True
    """True where a left-right mirrored position gives mirrored planes."""

    def build(self, max_plies: int = 512) -> FeaturePlanes:
        """Builds the planes for games of this length."""
        return self.make(PlaneContext(max_plies=max_plies))

    def encode(self, positions: Positions, mark: int = 0) -> UInt8Array:
        """Builds the planes anew and writes them over memory full of `mark`: uint8 [N, c, 9, 9]."""
        return _encode(FeatureSet([self.build()]), positions, mark)


def check_channels_are_declared(under_test: PlanesUnderTest) -> None:
    """Channels are a tuple of `Channel` with names of their own, and the same however long games may get."""
    channels = FeatureSet([under_test.build()]).channels
    longer = FeatureSet([under_test.build(max_plies=1)]).channels
    require(channels == longer, f"channels must not depend on max_plies, got {channels} and {longer}")
    unknown = set(under_test.absolute) - {channel.name for channel in channels}
    require(not unknown, f"absolute names must be channels of these planes, got {sorted(unknown)}")


def check_every_element_is_written(under_test: PlanesUnderTest) -> None:
    """What stood in the memory before makes no difference."""
    first, second = (under_test.encode(corpus(), mark) for mark in MARKS)
    _require_equal(first, second, "planes must be written completely, these depend on what stood there before")


def check_neighbours_are_left_alone(under_test: PlanesUnderTest) -> None:
    """Only the plugin's own channels are written, not those before and after them."""
    planes, positions = under_test.build(), corpus()
    for mark in MARKS:
        whole = np.full((len(positions), len(planes.channels) + 2, 9, 9), mark, np.uint8)
        planes.encode(positions, whole[:, 1:-1])
        require(
            bool((whole[:, [0, -1]] == mark).all()), "encode must write its own channels only, it wrote beside them"
        )


def check_same_positions_give_same_planes(under_test: PlanesUnderTest) -> None:
    """A second call, and a second object, write the same."""
    planes = FeatureSet([under_test.build()])
    first = _encode(planes, corpus())
    _require_equal(first, _encode(planes, corpus()), "encoding twice must give the same")
    _require_equal(first, under_test.encode(corpus()), "two objects must encode alike")


def check_batch_equals_singles(under_test: PlanesUnderTest) -> None:
    """A position's planes do not depend on its company, on a slice, nor on an empty batch."""
    positions, whole = corpus(), under_test.encode(corpus())
    planes = FeatureSet([under_test.build()])
    parts = {f"position {row} encoded alone": slice(row, row + 1) for row in range(len(positions))}
    parts |= {"a slice": slice(3, 20), "every third, last first": slice(None, None, -3), "no position": slice(0)}
    for name, part in parts.items():
        _require_equal(whole[part], _encode(planes, positions[part]), f"planes must not depend on the batch, {name} do")


def check_input_is_left_alone(under_test: PlanesUnderTest) -> None:
    """Encoding reads positions and changes nothing in them."""
    positions = corpus()
    under_test.encode(positions)
    for name, before in corpus().arrays().items():
        require(
            np.array_equal(before, positions.arrays()[name]), f"encode must not change positions, it changed {name}"
        )


def check_colour_makes_no_difference(under_test: PlanesUnderTest) -> None:
    """The board turned by 180 degrees with colours swapped looks the same, but for channels said to be absolute."""
    turned = corpus()
    turned.side_to_move[:] = 1 - turned.side_to_move
    seen = [channel.name not in under_test.absolute for channel in under_test.build().channels]
    _require_equal(
        under_test.encode(corpus())[:, seen],
        under_test.encode(turned)[:, seen],
        "planes must be seen by the mover, whatever his colour; declare channels that are not as absolute",
    )


def check_mirrored_positions_give_mirrored_planes(under_test: PlanesUnderTest) -> None:
    """Left and right are alike, where the author says so."""
    if under_test.mirrors:
        mirrored = under_test.encode(mirror_positions(corpus()))
        _require_equal(
            under_test.encode(corpus())[:, :, ::-1],
            mirrored,
            "a mirrored position must give mirrored planes; say mirrors = False if that is not meant",
        )


FEATURE_PLANES_CHECKS: Final[tuple[Callable[[PlanesUnderTest], None], ...]] = (
    check_channels_are_declared,
    check_every_element_is_written,
    check_neighbours_are_left_alone,
    check_same_positions_give_same_planes,
    check_batch_equals_singles,
    check_input_is_left_alone,
    check_colour_makes_no_difference,
    check_mirrored_positions_give_mirrored_planes,
)


def check_feature_planes(
    make: Callable[[PlaneContext], FeaturePlanes], *, absolute: Collection[str] = (), mirrors: bool = True
) -> int:
    """Runs every check on planes.

    Args:
        make: builds the planes, as the plugin's target does.
        absolute: names of channels that depend on the mover's colour.
        mirrors: whether left and right are alike.

    Returns:
        The number of checks run.

    Raises:
        ContractError: the first thing that is wrong.
    """
    under_test = PlanesUnderTest(make=make, absolute=absolute, mirrors=mirrors)
    for check in FEATURE_PLANES_CHECKS:
        check(under_test)
    return len(FEATURE_PLANES_CHECKS)


def _encode(planes: FeatureSet, positions: Positions, mark: int = 0) -> UInt8Array:
    return planes.encode(positions, np.full((len(positions), planes.num_channels, 9, 9), mark, np.uint8))


def _require_equal(expected: UInt8Array, got: UInt8Array, complaint: str) -> None:
    different = np.argwhere(expected != got) if expected.shape == got.shape else np.zeros((1, 4), np.int64)
    if len(different):
        position, channel, file, rank = different[0]
        require(False, f"{complaint}: first at position {position}, channel {channel}, file {file}, rank {rank}")
