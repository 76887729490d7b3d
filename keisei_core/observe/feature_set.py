"""All planes of a run, side by side in one array.

Shape key: N positions, C channels of all plugins, 9 files, 9 ranks, S notes of all plugins.
"""

from collections.abc import Iterable
from itertools import accumulate, pairwise
from operator import attrgetter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.errors import PluginError
from keisei_core.observe.canvas import ARRAYS, Canvas
from keisei_core.observe.channels import Channel
from keisei_core.observe.needs import Needs
from keisei_core.observe.parts import OtherPart, SharedPart, class_name
from keisei_core.observe.planes import FeaturePlanes
from keisei_core.observe.shared_planes import SharedPlanes, Tasks
from keisei_core.shogi.positions import NUM_SQUARES, Positions, UInt8Array

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
        notes = [part.num_notes if isinstance(part, SharedPlanes) else 0 for part in planes]
        *before, self._num_notes = accumulate(notes, initial=0)
        self._row_bytes: Final = self.num_channels * NUM_SQUARES
        self._shared: Final[list[SharedPart]] = []
        self._others: Final[list[OtherPart]] = []
        for part, end, first_note in zip(planes, ends, before, strict=True):
            if isinstance(part, SharedPlanes):
                self._shared.append(SharedPart(part, slice(*end), self.num_channels, first_note, self._num_notes))
            else:
                self._others.append(OtherPart(part, slice(*end), self.num_channels))
        self._idle: Final = [Tasks(len(self._shared))]
        """Tasks that no thread has in use."""
        self._histories: Final = {part.history for part in (*self._shared, *self._others)}
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
        shown, notes = self._shown(positions), self._new_notes(len(positions))
        tasks = self._idle.pop() if self._idle else Tasks(len(self._shared))
        self._put(tasks, shown, out, notes)
        self._write(tasks, shown, out)
        self._idle.append(tasks)
        return out

    def canvas(self, planes: UInt8Array) -> Canvas:
        """Takes over an array that observations are written to again and again, see `encode_over`.

        Args:
            planes: uint8 [N, C, 9, 9], C-contiguous, whatever stands there; from here on written by nobody else.

        Raises:
            ValueError: it is not such an array.
        """
        return Canvas(self._room_for(len(planes), planes), self._new_notes(len(planes)), len(self._shared))

    def encode_over(self, positions: Positions, canvas: Canvas) -> UInt8Array:
        """Writes the observation of every position over earlier ones: what stands there already is left.

        Args:
            positions: as `encode` takes them, at most as many as the canvas has room for.
            canvas: one of this feature set's; one call at a time.

        Returns:
            uint8 [N, C, 9, 9], what `encode` returns: a view of the canvas, good until it is written again.

        Raises:
            ValueError: the canvas has less room, or the positions have fewer earlier ones.
            PluginError: a plugin returned something instead of writing it.
        """
        num_positions = len(positions)
        if num_positions > len(canvas.planes):
            raise ValueError(f"canvas has room for {len(canvas.planes)} positions, got {num_positions}")
        out = canvas.planes[:num_positions]
        shown = canvas.shown(positions)
        if shown is None:
            shown = self._shown(positions)
            self._put(canvas.tasks, shown, out, canvas.notes)
            canvas.keep(positions, shown)
        self._write(canvas.tasks, shown, out)
        return out

    def _put(self, tasks: Tasks, shown: dict[int, Positions], out: UInt8Array, notes: UInt8Array) -> None:
        memory, flat_notes = out.reshape(-1), notes.reshape(-1)
        for index, part in enumerate(self._shared):
            part.put(tasks, index, shown[part.history], memory, flat_notes)

    def _write(self, tasks: Tasks, shown: dict[int, Positions], out: UInt8Array) -> None:
        if self._shared:
            tasks.run(len(out), self._row_bytes)
        for part in self._others:
            part.encode(shown[part.history], out)

    def _new_notes(self, num_positions: int) -> UInt8Array:
        return np.zeros((num_positions, self._num_notes), np.uint8)

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


def _declared_channels(part: FeaturePlanes) -> tuple[Channel, ...]:
    channels: object = getattr(part, "channels", None)
    if isinstance(channels, tuple) and channels and all(isinstance(channel, Channel) for channel in channels):
        return channels
    raise PluginError(
        f"channels of {class_name(part)} must be a tuple of one or more keisei_core.observe.Channel, got {channels!r}"
    )


def _refuse_repeated_names(parts: tuple[FeaturePlanes, ...]) -> None:
    owners: dict[str, str] = {}
    for part in parts:
        for channel in part.channels:
            if channel.name in owners:
                raise PluginError(
                    f"channel {channel.name!r} is declared by {owners[channel.name]} and again by {class_name(part)}; "
                    "name each plane once, and give channels of your own names of their own"
                )
            owners[channel.name] = class_name(part)


def _contiguous(positions: Positions) -> Positions:
    """Keeps the promise to plugins; copies only what a strided slice of positions made necessary."""
    if all(map(_IS_CONTIGUOUS, ARRAYS(positions))):
        return positions
    return Positions.from_arrays({name: np.ascontiguousarray(array) for name, array in positions.arrays().items()})
