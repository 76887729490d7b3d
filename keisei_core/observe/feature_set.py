"""All planes of a run, side by side in one array.

Shape key: N positions, C channels of all plugins, 9 files, 9 ranks.
"""

from collections.abc import Iterable
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.errors import PluginError
from keisei_core.observe.channels import Channel
from keisei_core.observe.needs import Needs, needs_of
from keisei_core.observe.planes import CompiledPlanes, FeaturePlanes
from keisei_core.shogi.positions import NUM_SQUARES, Positions, UInt8Array

_ARRAYS: Final = attrgetter(*(field.name for field in attrs.fields(Positions)))
_IS_CONTIGUOUS: Final = attrgetter("flags.c_contiguous")


class FeatureSet:
    """Encodes positions with the planes of one or more plugins, in the order given."""

    def __init__(self, parts: Iterable[FeaturePlanes]) -> None:
        """Lines up the plugins' channels.

        Args:
            parts: planes as the plugins' targets return them.

        Raises:
            PluginError: a plugin declares no proper channels or needs, or two channels have the same name.
        """
        planes = tuple(parts)
        by_part = [_declared_channels(part) for part in planes]
        _refuse_repeated_names(planes)
        self.channels: Final[tuple[Channel, ...]] = tuple(channel for channels in by_part for channel in channels)
        ends = pairwise(accumulate(map(len, by_part), initial=0))
        self._parts: Final = [
            _Part(part, slice(*end), self.num_channels) for part, end in zip(planes, ends, strict=True)
        ]
        self._histories: Final = {part.history for part in self._parts}
        self.needs: Final = Needs(history=max(self._histories, default=0))
        """What positions must come with: the most that any of the plugins asks for."""
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
            positions: N positions with as many earlier ones each as `needs` says, or more; N may be 0.
            out: uint8 [N, C, 9, 9], C-contiguous, overwritten; made if None.

        Returns:
            uint8 [N, C, 9, 9] by file and rank, mover's view, not scaled: `out`, or a new array.

        Raises:
            ValueError: `out` is not such an array, or the positions have fewer earlier ones.
            PluginError: a plugin returned something instead of writing it.
        """
        out = self._room_for(len(positions), out)
        shown = self._shown(positions)
        memory = out.reshape(-1)
        for part in self._parts:
            part.encode(shown[part.history], out, memory)
        return out

    def build(self, position: Positions) -> NDArray[np.float32]:
        """Returns what the network sees of a single position: float32 [C, 9, 9], scaled.

        Earlier positions that it does not keep are taken for ones that never stood, as where it was read from text.

        Raises:
            ValueError: `position` holds more or fewer positions than one.
        """
        if len(position) != 1:
            raise ValueError(f"expected one position, got {len(position)}; use encode for a batch")
        position = position.with_history(max(position.num_earlier, self.needs.history))
        seen: NDArray[np.float32] = self.encode(position)[0] * self.scales[:, None, None]
        return seen

    def _shown(self, positions: Positions) -> dict[int, Positions]:
        """Returns what each plugin gets to see, by the number of earlier positions that it asks for.

        None sees more than it asks for: its planes would depend on which others it is chosen with.
        """
        most = self.needs.history
        if positions.num_earlier < most:
            raise ValueError(
                f"expected positions with {most} earlier ones each, got {positions.num_earlier}; play them in Games("
                f"history={most}), or say positions.with_history({most}) where they have no past"
            )
        return {number: _contiguous(positions.with_history(number)) for number in self._histories}

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


class _Part:
    """Planes of one plugin and where they lie; what can be known before a call is found out once."""

    def __init__(self, planes: FeaturePlanes, columns: slice, num_channels: int) -> None:
        self._planes = planes
        self.history: Final = needs_of(planes).history
        """Earlier positions that the plugin asks for."""
        self._columns = columns
        self._encode_flat = planes.encode_flat if isinstance(planes, CompiledPlanes) else None
        self._row_stride = num_channels * NUM_SQUARES
        self._bytes_before = columns.start * NUM_SQUARES
        self._bytes_after = (num_channels - columns.stop) * NUM_SQUARES

    def encode(self, positions: Positions, out: UInt8Array, memory: UInt8Array) -> None:
        """Writes the part's columns of `out`, uint8 [N, C, 9, 9], of which `memory` is a flat view."""
        returned: object
        try:
            if self._encode_flat is None:
                returned = self._planes.encode(positions.read_only(), out[:, self._columns])  # type: ignore[func-returns-value]
            else:
                own = memory[self._bytes_before : max(0, len(memory) - self._bytes_after)]
                returned = self._encode_flat(positions, own, self._row_stride)
        except Exception as error:
            shape = [len(out), self._columns.stop - self._columns.start, 9, 9]
            error.add_note(f"while {_class_name(self._planes)} encoded planes, uint8 {shape}")
            raise
        if returned is not None:
            raise PluginError(
                f"encode of {_class_name(self._planes)} must write into planes and return None, "
                f"got {type(returned).__name__}"
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
    if all(map(_IS_CONTIGUOUS, _ARRAYS(positions))):
        return positions
    return Positions.from_arrays({name: np.ascontiguousarray(array) for name, array in positions.arrays().items()})


def _class_name(part: object) -> str:
    return f"{type(part).__module__}.{type(part).__qualname__}"
