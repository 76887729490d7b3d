"""An actor-critic network of separable convolutions: each block looks around on every channel, then mixes the channels.

Shape key: B positions, C input channels, W channels of a block.
"""

import torch
from keisei_core.observe import Channel
from torch import Tensor, nn

from keisei_plugins_myname.options import MynameOptions

ACTIONS_PER_SQUARE = 27
NUM_SQUARES = 81


class Block(nn.Module):
    """Adds to its input what a depthwise 5x5 and two 1x1 convolutions make of it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(1, width)  # BatchNorm would make a position's value depend on its batch
        self.around = nn.Conv2d(width, width, kernel_size=5, padding=2, groups=width)
        self.mix = nn.Sequential(nn.Conv2d(width, 2 * width, 1), nn.GELU(), nn.Conv2d(2 * width, width, 1))

    def forward(self, features: Tensor) -> Tensor:
        """Maps float [B, W, 9, 9] to the same shape."""
        mixed: Tensor = self.mix(self.around(self.norm(features)))
        return features + mixed


class MynameNetwork(nn.Module):
    """The whole network."""

    def __init__(self, num_inputs: int, options: MynameOptions) -> None:
        super().__init__()
        width = options.width
        self.stem = nn.Conv2d(num_inputs, width, kernel_size=3, padding=1)
        self.blocks = nn.Sequential(*(Block(width) for _ in range(options.depth)), nn.GroupNorm(1, width))
        self.policy = nn.Conv2d(width, ACTIONS_PER_SQUARE, 1)
        self.bias = nn.Parameter(torch.zeros(ACTIONS_PER_SQUARE * NUM_SQUARES))
        self.value = nn.Sequential(
            nn.Conv2d(width, 4, 1), nn.GELU(), nn.Flatten(), nn.Linear(4 * NUM_SQUARES, 32), nn.GELU(), nn.Linear(32, 1)
        )

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluates positions for their side to move.

        Args:
            planes: float [B, C, 9, 9], scaled.

        Returns:
            logits: float [B, 2187], not masked; action = plane * 81 + square.
            value head, float [B]: the expected result for the side to move less what the material says.
        """
        features = self.blocks(self.stem(planes))
        logits = self.policy(features).flatten(1) + self.bias
        return logits, torch.tanh(self.value(features)).squeeze(1)


def build(channels: tuple[Channel, ...], options: MynameOptions) -> MynameNetwork:
    """Makes the network for these input channels, with fresh weights from torch's global random stream."""
    return MynameNetwork(len(channels), options)
