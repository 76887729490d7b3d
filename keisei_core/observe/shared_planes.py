"""Planes that kernels write for some positions at a time: the process's threads share them, and cores their caches.

Shape key: N positions.
"""

from abc import abstractmethod
from typing import Final

import numpy as np

from keisei_core.errors import PluginError
from keisei_core.observe.planes import CompiledPlanes
from keisei_core.shogi.crew import the_crew
from keisei_core.shogi.positions import Positions, UInt8Array
from keisei_core.shogi.rules.threads import lead_all

PLACE_BYTES: Final = 2_048
"""What the arguments of a task may take."""
FAST_BYTES: Final = 240_000
"""Bytes of planes that a thread writes at once, some 5 microseconds of work."""
BLOCK_BYTES: Final = 60_000
"""Bytes of planes that all plugins write before the next ones are begun: they stay in a core's own cache."""


class SharedPlanes(CompiledPlanes):
    """Planes of which any thread may write some rows; they may note what stands there, and leave it."""

    @property
    def num_notes(self) -> int:
        """Bytes a position in which the planes note what they show; a class attribute will do."""
        return 0

    @abstractmethod
    def bind(
        self,
        place: UInt8Array,
        positions: Positions,
        memory: UInt8Array,
        row_stride: int,
        notes: UInt8Array,
        notes_stride: int,
    ) -> int:
        """Makes a task that writes the planes of some positions, with `keisei_core.shogi.rules.tasks.bind`.

        The task is called for ranges of positions by several threads at once, now and whenever the arrays have other
        content: it may change nothing but planes and notes.

        Args:
            place: uint8 [2048], where the task's arguments lie.
            positions: as `encode_flat` gets them.
            memory: the same.
            row_stride: the same.
            notes: uint8 [length], changed; those of position i begin at `i * notes_stride`. They are what the last
                call for the same memory left, which nobody else has written to meanwhile, or 0: nothing is known.
            notes_stride: bytes from one position to the next.

        Returns:
            The task's address.
        """

    def encode_flat(self, positions: Positions, memory: UInt8Array, row_stride: int) -> None:
        """Writes the planes of a batch over what may be anything, see `CompiledPlanes`."""
        tasks = Tasks(1)
        notes = np.zeros(len(positions) * self.num_notes, np.uint8)
        tasks.put(0, self, positions, memory, row_stride, notes, self.num_notes)
        tasks.run(len(positions), row_stride)


class Tasks:
    """Tasks that write the planes of the same positions."""

    def __init__(self, num_tasks: int) -> None:
        self._places = np.empty((num_tasks, PLACE_BYTES), np.uint8)
        self._addresses = self._places.ctypes.data + PLACE_BYTES * np.arange(num_tasks)
        self._tasks = np.zeros(num_tasks, np.int64)

    def put(
        self,
        index: int,
        planes: SharedPlanes,
        positions: Positions,
        memory: UInt8Array,
        row_stride: int,
        notes: UInt8Array,
        notes_stride: int,
    ) -> None:
        """Puts a task in its place; the arrays must be there until the last run.

        Raises:
            PluginError: its arguments take too much memory.
        """
        task = planes.bind(self._places[index], positions, memory, row_stride, notes, notes_stride)
        if not task:
            raise PluginError(f"arguments of a task may take {PLACE_BYTES} bytes; pass fewer or flatter arrays to bind")
        self._tasks[index] = task

    def run(self, num_positions: int, row_bytes: int) -> None:
        """Writes the planes of all positions, of which each has so many bytes."""
        chunk, block = 1 + FAST_BYTES // row_bytes, 1 + BLOCK_BYTES // row_bytes
        lead_all(the_crew(), self._tasks, self._addresses, num_positions, chunk, block)
