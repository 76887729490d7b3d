"""The plain CNN actor-critic: what a bigger network has to beat.

Shape key: B positions, C channels of the input, 9 files, 9 ranks.
"""

from typing import final

import torch
from torch import Tensor, nn

from keisei_core.migration import INPUT, Layout, LayoutDraft
from keisei_core.observe import Channel
from keisei_core.shogi import NUM_ACTIONS, NUM_SQUARES
from keisei_plugins_baseline.options import BaselineOptions


@final
class Baseline(nn.Module):
    """One 3x3 convolution, flattened into one linear layer for the policy and one for the value."""

    def __init__(self, num_inputs: int, options: BaselineOptions) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Conv2d(num_inputs, options.channels, kernel_size=3, padding=1), nn.ReLU(), nn.Flatten()
        )
        self.policy = nn.Linear(options.channels * NUM_SQUARES, NUM_ACTIONS)
        self.value = nn.Linear(options.channels * NUM_SQUARES, 1)

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluates positions for their side to move.

        Args:
            planes: float [B, C, 9, 9], scaled.

        Returns:
            logits: float [B, 2187], not masked.
            value head, float [B]: the expected result for the side to move less what the material says.
        """
        features = self.trunk(planes)
        return self.policy(features), torch.tanh(self.value(features)).squeeze(1)

    def layout(self) -> Layout:
        """Says how the tensors follow the planes and the convolution's channels, for migration."""
        draft = LayoutDraft(self)
        draft.layer("trunk.0", reads=INPUT, writes="channels")
        draft.layer("policy", reads="channels", elements=NUM_SQUARES)
        draft.layer("value", reads="channels", elements=NUM_SQUARES)
        return draft.finished()


def build(channels: tuple[Channel, ...], options: BaselineOptions) -> Baseline:
    """Makes the network for these input channels, with fresh weights from torch's global random stream."""
    return Baseline(len(channels), options)
