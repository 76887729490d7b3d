"""A network that nobody trained: what it says follows from the position alone, exactly, in a batch of any size."""

import numpy as np
import pytest
import torch

from keisei_core.shogi import NUM_ACTIONS, Positions

RANDOM = np.random.default_rng(1)
OF_BOARD, OF_HANDS, OF_ACTIONS = (RANDOM.integers(1, 2**63, size, np.uint64) for size in (81, 14, NUM_ACTIONS))
ODD = np.uint64(0x9E3779B97F4A7C15)


class PretendedNetwork:
    """An evaluator whose logits and values are numbers hashed from the position."""

    def __init__(self, heat: float = 6.0) -> None:
        self.heat = heat
        self.batches: list[int] = []

    def numbers(self, positions: Positions) -> tuple[np.ndarray, np.ndarray]:
        self.batches.append(len(positions))
        board, hands = positions.board.astype(np.uint64), positions.hands.reshape(-1, 14).astype(np.uint64)
        key = (board * OF_BOARD).sum(axis=1) + (hands * OF_HANDS).sum(axis=1) + positions.side_to_move
        key = (key ^ (key >> np.uint64(31))) * ODD
        logits = ((key[:, None] * OF_ACTIONS) >> np.uint64(48)).astype(np.float32) * np.float32(self.heat / 65536)
        values = (key >> np.uint64(48)).astype(np.float32) / np.float32(32768) - 1
        return logits, values

    def raw(self, positions: Positions) -> tuple[torch.Tensor, torch.Tensor]:
        logits, values = self.numbers(positions)
        return torch.from_numpy(logits), torch.from_numpy(values)


@pytest.fixture
def pretended() -> PretendedNetwork:
    return PretendedNetwork()
