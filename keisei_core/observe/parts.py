"""Planes of one plugin and where they lie among the others'; what can be known before a call is found out once.

Shape key: N positions, C channels of all plugins, c of this one, S notes of all plugins.
"""

from typing import Final

from keisei_core.errors import PluginError
from keisei_core.observe.needs import needs_of
from keisei_core.observe.planes import CompiledPlanes, FeaturePlanes
from keisei_core.observe.shared_planes import SharedPlanes, Tasks
from keisei_core.shogi.positions import NUM_SQUARES, Positions, UInt8Array


class Part:
    """Columns of the observation."""

    def __init__(self, planes: FeaturePlanes, columns: slice, num_channels: int) -> None:
        self.history: Final = needs_of(planes).history
        """Earlier positions that the plugin asks for."""
        self._name: Final = class_name(planes)
        self._columns: Final = columns
        self._row_stride: Final = num_channels * NUM_SQUARES
        self._bytes_before: Final = columns.start * NUM_SQUARES
        self._bytes_after: Final = (num_channels - columns.stop) * NUM_SQUARES

    def _own(self, memory: UInt8Array) -> UInt8Array:
        """Returns what of the whole observation's memory begins and ends with planes of the plugin."""
        return memory[self._bytes_before : max(0, len(memory) - self._bytes_after)]

    def _name_in(self, error: Exception, num_positions: int) -> None:
        """Adds to an error whose planes were encoded."""
        shape = [num_positions, self._columns.stop - self._columns.start, 9, 9]
        error.add_note(f"while {self._name} encoded planes, uint8 {shape}")


class SharedPart(Part):
    """Planes that threads share."""

    def __init__(
        self, planes: SharedPlanes, columns: slice, num_channels: int, first_note: int, notes_stride: int
    ) -> None:
        super().__init__(planes, columns, num_channels)
        self._planes: Final = planes
        self._first_note: Final = first_note
        self._notes_stride: Final = notes_stride

    def put(self, tasks: Tasks, index: int, positions: Positions, memory: UInt8Array, notes: UInt8Array) -> None:
        """Puts the plugin's task among the others'.

        Args:
            tasks: of all plugins.
            index: which of them.
            positions: N of them.
            memory: uint8 [N * C * 81], the whole observation.
            notes: uint8 [N * S or more], those of all plugins.
        """
        own, own_notes = self._own(memory), notes[self._first_note :]
        try:
            tasks.put(index, self._planes, positions, own, self._row_stride, own_notes, self._notes_stride)
        except Exception as error:
            self._name_in(error, len(positions))
            raise


class OtherPart(Part):
    """Planes that the calling thread writes."""

    def __init__(self, planes: FeaturePlanes, columns: slice, num_channels: int) -> None:
        super().__init__(planes, columns, num_channels)
        self._planes: Final = planes
        self._encode_flat: Final = planes.encode_flat if isinstance(planes, CompiledPlanes) else None

    def encode(self, positions: Positions, out: UInt8Array) -> None:
        """Writes the plugin's columns of `out`, uint8 [N, C, 9, 9].

        Raises:
            PluginError: it returned something instead of writing it.
        """
        returned: object
        try:
            if self._encode_flat is None:
                returned = self._planes.encode(positions.read_only(), out[:, self._columns])  # type: ignore[func-returns-value]
            else:
                returned = self._encode_flat(positions, self._own(out.reshape(-1)), self._row_stride)
        except Exception as error:
            self._name_in(error, len(out))
            raise
        if returned is not None:
            raise PluginError(
                f"encode of {self._name} must write into planes and return None, got {type(returned).__name__}"
            )


def class_name(part: object) -> str:
    """Returns the name of a plugin's class with its module."""
    return f"{type(part).__module__}.{type(part).__qualname__}"
