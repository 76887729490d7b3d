"""What the network sees of positions, on its device: planes, material, legal moves.

Shape key: N positions, C channels, K legal moves of the position that has most, A = 2,187 actions.
"""

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Final, Self

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

from keisei_core.evaluate.device_queue import DeviceQueue
from keisei_core.evaluate.inputs import Inputs
from keisei_core.observe import FeatureSet
from keisei_core.shogi import NUM_ACTIONS, NUM_SQUARES, Positions, legal_moves, material

CHUNK: Final = 4_096
"""Positions that go to a device together."""
MANY_MOVES: Final = 600
"""More than any position has (593)."""
MOST_OF_MEMORY: Final = 0.5
"""Share of a GPU's free memory that may be taken by what is seen of a whole segment, by all processes together."""


@attrs.frozen(eq=False, kw_only=True)
class Seen:
    """N positions as the network sees them."""

    planes: Tensor
    """uint8 [N, C, 9, 9]."""
    material: Tensor
    """float32 [N], the mover's balance in pawns."""
    moves: Tensor
    """int16 [N, K], the legal actions in rising order, then A in each row that has fewer than K."""
    num_moves: NDArray[np.int64]
    """int64 [N], how many each has; on the host."""

    def __len__(self) -> int:
        return len(self.num_moves)

    def __getitem__(self, rows: NDArray[np.int64]) -> Self:
        """Selects positions, on the device; K is what these need."""
        there = torch.from_numpy(rows).to(self.planes.device, non_blocking=True)
        num_moves = self.num_moves[rows]
        return type(self)(
            planes=self.planes[there],
            material=self.material[there],
            moves=self.moves[there, : num_moves.max(initial=0)],
            num_moves=num_moves,
        )

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """Joins positions in order, without a copy where there is only one part."""
        if len(parts) == 1:
            return parts[0]
        most = max(part.moves.shape[1] for part in parts)
        moves = [pad(part.moves, (0, most - part.moves.shape[1]), value=NUM_ACTIONS) for part in parts]
        return cls(
            planes=torch.cat([part.planes for part in parts]),
            material=torch.cat([part.material for part in parts]),
            moves=torch.cat(moves),
            num_moves=np.concatenate([part.num_moves for part in parts]),
        )


class Sight:
    """Makes what the network sees; through pinned memory where a GPU reads it."""

    def __init__(self, features: FeatureSet, device: torch.device, num_sharing: int = 1) -> None:
        """Takes over the planes of the network.

        Args:
            features: they encode.
            device: where they go.
            num_sharing: processes of this machine, any of which may use the same GPU.
        """
        self.features = features
        self.device = device
        self.num_sharing = num_sharing
        self._queue = DeviceQueue(device)
        self.sends = self._queue.is_apart
        """Whether planes are encoded into room that a device reads; else they are its own."""
        self._rooms: Iterator[Inputs] | None = None

    def of(self, positions: Positions) -> Seen:
        """Returns what is seen of N positions, with as many earlier ones each as the planes need."""
        moves = legal_moves(positions)
        planes, balance = self._sent(positions) if self.sends else self._here(positions)
        return Seen(
            planes=planes,
            material=balance,
            moves=torch.from_numpy(moves).to(self.device, non_blocking=True),
            num_moves=(moves < NUM_ACTIONS).sum(axis=1),
        )

    def has_room_for(self, num_positions: int) -> bool:
        """Tells whether so many positions may stay on the device; on a CPU none do: to make them again costs little."""
        if self.device.type != "cuda":
            return False
        needed = num_positions * (self.features.num_channels * NUM_SQUARES + 2 * MANY_MOVES)
        unused = torch.cuda.memory_reserved(self.device) - torch.cuda.memory_allocated(self.device)
        return needed <= MOST_OF_MEMORY / self.num_sharing * (torch.cuda.mem_get_info(self.device)[0] + unused)

    def _here(self, positions: Positions) -> tuple[Tensor, Tensor]:
        arrays = self.features.encode(positions), material(positions)
        planes, balance = (torch.from_numpy(array).to(self.device) for array in arrays)
        return planes, balance

    def _sent(self, positions: Positions) -> tuple[Tensor, Tensor]:
        """Encodes and sends by turns, so that a part is under way while the next one is made."""
        if self._rooms is None:
            self._rooms = cycle([Inputs(CHUNK, self.features, self._queue) for _ in range(2)])
        shape = (len(positions), self.features.num_channels, 9, 9)
        planes = torch.empty(shape, dtype=torch.uint8, device=self.device)
        balance = torch.empty(len(positions), device=self.device)
        for first in range(0, len(positions), CHUNK):
            part, room = slice(first, first + CHUNK), next(self._rooms)
            room.fill(positions[part], None)
            sent_planes, sent_balance, _ = room.send()
            planes[part].copy_(sent_planes)
            balance[part].copy_(sent_balance)
            room.release()
        return planes, balance
