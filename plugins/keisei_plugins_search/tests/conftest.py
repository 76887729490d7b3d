"""Networks that nobody trained: one from disk, and one whose numbers follow from the position alone in any batch."""

from pathlib import Path

import numpy as np
import pytest
import torch

from keisei_core.checkpoint import write_checkpoint
from keisei_core.distribution import Single
from keisei_core.plugins import read_settings
from keisei_core.run import Training
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


TINY = [("model.name", "baseline"), ("input.features", "core46"), ("run.device", "cpu"), ("run.threads", 1)]


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a network that nobody trained."""
    folder = tmp_path_factory.mktemp("untrained") / "update-000000"
    checkpoint = Training(read_settings(None, TINY), Single(torch.device("cpu"))).checkpoint()
    assert checkpoint is not None
    write_checkpoint(folder, checkpoint)
    return folder
