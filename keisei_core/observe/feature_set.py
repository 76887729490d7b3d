"""All planes of a run, side by side in one array.

Shape key: N positions, C channels of all plugins, 9 files, 9 ranks.
"""

from collections.abc import Iterable
from itertools import accumulate, pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.errors import PluginError
from keisei_core.observe.channels import Channel
from keisei_core.observe.planes import FeaturePlanes, UInt8Array
from keisei_core.shogi.positions import Positions


class FeatureSet:
    """Encodes positions with the planes of one or more plugins, in the order given."""

    def __init__(self, parts: Iterable[FeaturePlanes]) -> None:
        """Lines up the plugins' channels.

        Args:
            parts: planes as the plugins' targets return them.

        Raises:
            PluginError: a plugin declares no proper channels, or two channels have the same name.
        """
        self._parts: Final = tuple(parts)
        by_part = [_declared_channels(part) for part in self._parts]
        _refuse_repeated_names(self._parts)
        self.channels: Final[tuple[Channel, ...]] = tuple(channel for channels in by_part for channel in channels)
        self._columns: Final = [slice(*ends) for ends in pairwise(accumulate(map(len, by_part), initial=0))]
        self.scales: Final[NDArray[np.float32]] = np.array([channel.scale for channel in self.channels], np.float32)
        """float32 [C], read-only; the network sees stored value x scale."""
        self.scales.flags.writeable = False

    @property
    def num_channels(self) -> int:
        """C, the channels of all plugins together."""
        return len(self.channels)

    def encode(self, positions: Positions, out: UInt8Array | None = None) -> UInt8Array:
        """Writes the observation of every position.

        Args:
            positions: N positions; N may be 0.
            out: uint8 [N, C, 9, 9], C-contiguous, overwritten; made if None.

        Returns:
            uint8 [N, C, 9, 9] by file and rank, mover's view, not scaled: `out`, or a new array.

        Raises:
            ValueError: `out` is not such an array.
            PluginError: a plugin returned something instead of writing it.
        """
        out = self._room_for(len(positions), out)
        positions = _contiguous(positions)
        for part, columns in zip(self._parts, self._columns, strict=True):
            _encode_part(part, positions, out[:, columns])
        return out

    def build(self, position: Positions) -> NDArray[np.float32]:
        """Returns what the network sees of a single position: float32 [C, 9, 9], scaled.

        Raises:
            ValueError: `position` holds more or fewer positions than one.
        """
        if len(position) != 1:
            raise ValueError(f"expected one position, got {len(position)}; use encode for a batch")
        seen: NDArray[np.float32] = self.encode(position)[0] * self.scales[:, None, None]
        return seen

    def _room_for(self, num_positions: int, out: UInt8Array | None) -> UInt8Array:
        shape = (num_positions, self.num_channels, 9, 9)
        if out is None:
            return np.empty(shape, np.uint8)
        if out.dtype != np.uint8 or out.shape != shape or not (out.flags.c_contiguous and out.flags.writeable):
            raise ValueError(
                f"out must be uint8 {list(shape)}, C-contiguous and writable, got {out.dtype} {list(out.shape)} with "
                f"strides {out.strides}; leave it out to have one made"
            )
        return out


def _encode_part(part: FeaturePlanes, positions: Positions, planes: UInt8Array) -> None:
    try:
        returned: object = part.encode(positions, planes)  # type: ignore[func-returns-value]
    except Exception as error:
        error.add_note(f"while {_class_name(part)} encoded planes, {planes.dtype} {list(planes.shape)}")
        raise
    if returned is not None:
        raise PluginError(
            f"encode of {_class_name(part)} must write into planes and return None, got {type(returned).__name__}"
        )


def _declared_channels(part: FeaturePlanes) -> tuple[Channel, ...]:
    channels: object = getattr(part, "channels", None)
    if isinstance(channels, tuple) and channels and all(isinstance(channel, Channel) for channel in channels):
        return channels
    raise PluginError(
        f"channels of {_class_name(part)} must be a tuple of one or more keisei_core.observe.Channel, got {channels!r}"
    )


def _refuse_repeated_names(parts: tuple[FeaturePlanes, ...]) -> None:
    owners: dict[str, str] = {}
    for part in parts:
        for channel in part.channels:
            if channel.name in owners:
                raise PluginError(
                    f"channel {channel.name!r} is declared by {owners[channel.name]} and again by {_class_name(part)}; "
                    "name each plane once, and give channels of your own names of their own"
                )
            owners[channel.name] = _class_name(part)


def _contiguous(positions: Positions) -> Positions:
    """Keeps the promise to plugins; copies only what a strided slice of positions made necessary."""
    arrays = positions.arrays()
    if all(array.flags.c_contiguous for array in arrays.values()):
        return positions
    return Positions.from_arrays({name: np.ascontiguousarray(array) for name, array in arrays.items()})


def _class_name(part: object) -> str:
    return f"{type(part).__module__}.{type(part).__qualname__}"
