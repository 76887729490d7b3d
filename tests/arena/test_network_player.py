"""A network as a player."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from keisei_core.act import log_policy
from keisei_core.arena import NetworkPlayer
from keisei_core.shogi import Positions

FAVOURITE = 7


class Sharp:
    """Stands in for an evaluator whose policy plays one move of fifty with 95 %."""

    device = torch.device("cpu")
    network = SimpleNamespace(eval=lambda: None)

    def policy_and_value(self, positions, legal, temperature):
        logits = torch.zeros(legal.shape)
        logits[:, FAVOURITE] = np.log(0.95 / (0.05 / 49))
        return log_policy(logits / torch.from_numpy(temperature)[:, None], torch.from_numpy(legal)), None


def share_of_favourite(temperature: float, repetition: int) -> float:
    positions = Positions.empty(4_000)
    positions.repetition[:] = repetition
    legal = np.zeros((4_000, 2187), np.uint8)
    legal[:, :50] = 1
    chosen = NetworkPlayer(Sharp(), temperature=temperature, seed=0).choose(positions, legal)
    return float((chosen == FAVOURITE).mean())


@pytest.mark.parametrize(
    ("temperature", "repetition", "expected"),
    [
        pytest.param(1.0, 0, 0.95, id="as-trained"),
        pytest.param(0.5, 0, 0.9999, id="sharper"),
        pytest.param(0.5, 1, 0.38, id="leaves-a-position-that-came-back"),
        pytest.param(0.5, 2, 0.38, id="and-again"),
    ],
)
def test_player_prefers_its_favourite_unless_the_position_came_back(temperature, repetition, expected):
    # Three standard errors of 4,000 draws are below 0.023.
    assert share_of_favourite(temperature, repetition) == pytest.approx(expected, abs=0.023)
