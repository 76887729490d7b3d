"""An actor-critic network of separable convolutions: each block looks around on every channel, then mixes the channels.

Beside policy and value it learns how soon its games end: what that teaches the tower serves the other two.

Shape key: B positions, C input channels, W channels of a block, M plies of a minibatch.
"""

from typing import Final

import torch
from keisei_core.learn import Batch
from keisei_core.observe import Channel
from torch import Tensor, nn
from torch.nn import functional as F

from keisei_plugins_myname.options import MynameOptions

ACTIONS_PER_SQUARE = 27
NUM_SQUARES = 81
PLIES: Final = 100.0
"""What is counted in: plies left are learned as multiples of this."""


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
        self.plies_left_weight = options.plies_left_weight
        self.stem = nn.Conv2d(num_inputs, width, kernel_size=3, padding=1)
        self.blocks = nn.Sequential(*(Block(width) for _ in range(options.depth)), nn.GroupNorm(1, width))
        self.policy = nn.Conv2d(width, ACTIONS_PER_SQUARE, 1)
        self.bias = nn.Parameter(torch.zeros(ACTIONS_PER_SQUARE * NUM_SQUARES))
        self.value = nn.Sequential(
            nn.Conv2d(width, 4, 1), nn.GELU(), nn.Flatten(), nn.Linear(4 * NUM_SQUARES, 32), nn.GELU(), nn.Linear(32, 1)
        )
        self.plies_left = nn.Sequential(nn.Conv2d(width, 1, 1), nn.Flatten(), nn.Linear(NUM_SQUARES, 1), nn.Softplus())

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """Evaluates positions for their side to move.

        Args:
            planes: float [B, C, 9, 9], scaled.

        Returns:
            logits: float [B, 2187], not masked; action = plane * 81 + square.
            value head, float [B]: the expected result for the side to move less what the material says.
            further outputs by name: plies_left, float [B], until the end, in hundreds.
        """
        features = self.blocks(self.stem(planes))
        logits = self.policy(features).flatten(1) + self.bias
        value = torch.tanh(self.value(features)).squeeze(1)
        return logits, value, {"plies_left": self.plies_left(features).squeeze(1)}

    def auxiliary_loss(self, extra: dict[str, Tensor], batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """Returns what is added to the algorithm's loss, a scalar, and figures for metrics.jsonl.

        Where an end is not known it counts times 0, since several processes wait for every gradient.

        Args:
            extra: what `forward` returned for the plies of the minibatch, float32 [M].
            batch: the plies; `batch.plies_left` is int64 [M], -1 where the game did not end within the segment.
        """
        is_known = batch.plies_left >= 0
        error = F.huber_loss(extra["plies_left"], batch.plies_left / PLIES, reduction="none") * is_known
        loss = error.sum() / is_known.sum().clamp(min=1)
        return self.plies_left_weight * loss, {"plies_left_loss": loss}


def build(channels: tuple[Channel, ...], options: MynameOptions) -> MynameNetwork:
    """Makes the network for these input channels, with fresh weights from torch's global random stream."""
    return MynameNetwork(len(channels), options)
