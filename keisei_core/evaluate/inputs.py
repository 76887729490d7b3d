"""Room for positions on their way to the device, used again and again: planes are encoded right into it.

Shape key: N positions, C channels, W bytes of legal moves: 274 of bits on their way to a device apart, else 2,187.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.evaluate.device_queue import Buffer, DeviceQueue
from keisei_core.evaluate.legal_bits import NUM_BYTES, pack_legal
from keisei_core.observe import FeatureSet
from keisei_core.shogi import NUM_ACTIONS, Positions, material


class Inputs:
    """Room for some positions. One at a time: fill, send, release, and then from the beginning."""

    def __init__(self, capacity: int, features: FeatureSet, queue: DeviceQueue) -> None:
        """Makes room for `capacity` positions, encoded by `features`."""
        self.capacity: Final = capacity
        self._features = features
        self._queue = queue
        with torch.inference_mode():  # as programs are compiled for
            self.planes = Buffer((capacity, features.num_channels, 9, 9), np.uint8, queue)
            self.material = Buffer((capacity,), np.float32, queue)
            self.legal = Buffer((capacity, NUM_BYTES if queue.is_apart else NUM_ACTIONS), np.uint8, queue)
        self.replay: Callable[[], Tensor] | None = None
        """Does what was recorded over these inputs, where something was."""
        self._num_rows = 0
        self._canvas = features.canvas(self.planes.array)
        self._free = queue.mark()  # memory of the device may be another tensor's that is still at work

    def fill(self, positions: Positions, legal: NDArray[np.uint8] | None) -> None:
        """Writes positions, once the device has read what was here before.

        Args:
            positions: N, at most `capacity`.
            legal: uint8 [N, 2187], 1 = legal; None where nobody asks for it.
        """
        self._free.synchronize()
        self._num_rows = rows = len(positions)
        self._features.encode_over(positions, self._canvas)
        self.material.array[:rows] = material(positions)
        if legal is not None:
            pack_legal(legal, self.legal.array[:rows])

    def send(self) -> tuple[Tensor, Tensor, Tensor]:
        """Returns on the device the planes uint8 [N, C, 9, 9], material float32 [N] and masks uint8 [N, W]."""
        buffers, rows = (self.planes, self.material, self.legal), self._num_rows
        with torch.inference_mode():  # in which the room was made: outside of it nobody may write there
            self._queue.send(buffers, rows)
            planes, balance, bits = (b.there if rows == self.capacity else b.there[:rows] for b in buffers)
        return planes, balance, bits

    def release(self) -> None:
        """Says that all work which reads what was sent has been asked for."""
        self._free = self._queue.mark()
