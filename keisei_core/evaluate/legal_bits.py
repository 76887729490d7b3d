"""Legal moves as bits: a position's are 274 bytes on their way to a device apart instead of 2,187.

Shape key: N positions, A = 2,187 actions, W = 274 bytes.
"""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.shogi import NUM_ACTIONS
from keisei_core.shogi.crew import share_rows

NUM_BYTES: Final = (NUM_ACTIONS + 7) // 8
"""W."""
CHUNK: Final = 1_024
"""Rows that a thread packs at once."""


def pack_legal(legal: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
    """Packs masks as `numpy.packbits` does.

    Args:
        legal: uint8 [N, A], 1 = legal.
        out: uint8 [N, W], overwritten; or [N, A], which gets the masks as they are.
    """
    if out.shape[1] == NUM_ACTIONS:
        np.copyto(out, legal)
        return

    def pack(rows: slice) -> None:
        out[rows] = np.packbits(legal[rows], axis=1)

    share_rows(len(legal), CHUNK, pack)


class LegalBits:
    """Unpacks masks on a device."""

    def __init__(self, device: torch.device) -> None:
        every_byte = np.arange(256, dtype=np.uint8)[:, None]
        self._bits_of_byte = torch.from_numpy(np.unpackbits(every_byte, axis=1).view(np.int64)[:, 0].copy()).to(device)
        """int64 [256], eight bytes of 0 and 1 each: looking them up costs a tenth of shifting bits on a CPU."""

    def unpack(self, packed: Tensor) -> Tensor:
        """Returns bool [N, A], True where a move is legal.

        Args:
            packed: uint8 [N, W], on the device; or masks as they are, uint8 [N, A].
        """
        if packed.shape[1] == NUM_ACTIONS:
            return packed.view(torch.bool)
        bits = self._bits_of_byte.index_select(0, packed.flatten().int())
        return bits.view(len(packed), NUM_BYTES).view(torch.bool)[:, :NUM_ACTIONS]
