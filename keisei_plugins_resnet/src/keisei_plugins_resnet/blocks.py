"""Building blocks of the residual tower.

Shape key: B positions, W channels of the tower, 9 files, 9 ranks.
"""

from collections.abc import Sequence
from typing import Final, final

import torch
from torch import Tensor, nn

from keisei_core.shogi import NUM_SQUARES
from keisei_plugins_resnet.pooling import PooledBias

MOST_GROUPS: Final = 4
FEWEST_CHANNELS_PER_GROUP: Final = 8
LANES: Final = 16
"""Channels that a CPU normalises at once in a 16-bit format."""


def num_groups(width: int) -> int:
    """Chooses the groups of a GroupNorm: as many as divide `width`, at most 4, none with less than 8 channels.

    A group of one or two channels would subtract exactly what a constant plane, such as a piece in hand, says.
    """
    fitting = (
        groups
        for groups in range(MOST_GROUPS, 1, -1)
        if width % groups == 0 and width >= groups * FEWEST_CHANNELS_PER_GROUP
    )
    return next(fitting, 1)


def group_sizes(widths: Sequence[int]) -> tuple[int, ...]:
    """Returns the sizes of all groups of channels whose parts of these widths are normalised apart."""
    return tuple(width // num_groups(width) for width in widths for _ in range(num_groups(width)))


def normalised(features: Tensor, groups: int, weight: Tensor, bias: Tensor) -> Tensor:
    """Returns the GroupNorm of features [B, W, 9, 9] in their dtype.

    Computed in float32 where a CPU's 16-bit kernel finds groups that do not fill its lanes: it is three times as slow
    then.
    """
    if features.is_cuda or features.dtype == torch.float32 or features.shape[1] // groups % LANES == 0:
        return nn.functional.group_norm(features, groups, weight, bias)
    wide = nn.functional.group_norm(features.float(), groups, weight.float(), bias.float())
    return wide.to(features.dtype)


@final
class GroupNorm(nn.GroupNorm):
    """GroupNorm of all channels."""

    def forward(self, features: Tensor) -> Tensor:
        """Maps float [B, W, 9, 9] to the same shape."""
        return normalised(features, self.num_groups, self.weight, self.bias)


@final
class GroupNormApart(nn.Module):
    """GroupNorm of each part of the channels by itself: a part does not notice the others."""

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        self.widths = list(widths)
        self.weight = nn.Parameter(torch.ones(sum(widths)))
        self.bias = nn.Parameter(torch.zeros(sum(widths)))

    def forward(self, features: Tensor) -> Tensor:
        """Maps float [B, W, 9, 9] to the same shape."""
        parts = zip(
            torch.split(features, self.widths, dim=1),
            torch.split(self.weight, self.widths),
            torch.split(self.bias, self.widths),
            strict=True,
        )
        each = [normalised(part, num_groups(len(weight)), weight, bias) for part, weight, bias in parts]
        return torch.cat(each, dim=1)


def group_norm(widths: Sequence[int]) -> nn.Module:
    """Makes the normalisation of channels whose parts of these widths are normalised apart."""
    return GroupNorm(num_groups(widths[0]), widths[0]) if len(widths) == 1 else GroupNormApart(widths)


def normalised_convolution(num_inputs: int, widths: Sequence[int]) -> nn.Sequential:
    """Makes a 3x3 convolution over a zero-padded board, followed by GroupNorm.

    Not BatchNorm: a policy that acts with running statistics and learns with those of the batch is two policies, and
    the ratio PPO clips would not start at 1.
    """
    return nn.Sequential(
        nn.Conv2d(num_inputs, sum(widths), kernel_size=3, padding=1, bias=False),
        group_norm(widths),
    )


@final
class SqueezeExcitation(nn.Module):
    """Scales and shifts every channel by what the whole board holds, as Leela Chess Zero does it.

    The bottleneck uses SiLU: with a single unit, a ReLU that starts dead would stay dead.
    """

    def __init__(self, width: int, ratio: float) -> None:
        """Sizes the bottleneck: `width * ratio`, at least 1."""
        super().__init__()
        bottleneck = max(1, int(width * ratio))
        self.squeeze = nn.Linear(width, bottleneck)
        self.excite = nn.Linear(bottleneck, 2 * width)

    def forward(self, features: Tensor) -> Tensor:
        """Maps float [B, W, 9, 9] to the same shape."""
        # Not mean, which would fill a gradient of the features' size: this one's is spread out when it is added.
        pooled = features.sum((2, 3)) / NUM_SQUARES
        gates: Tensor = self.excite(nn.functional.silu(self.squeeze(pooled)))
        scale, shift = gates[:, :, None, None].chunk(2, dim=1)
        return (features * torch.sigmoid(scale)).add_(shift)


@final
class ResidualBlock(nn.Module):
    """Two convolutions, squeeze-and-excitation, and the way around them."""

    def __init__(self, widths: Sequence[int], se_ratio: float, is_pooled: bool = False) -> None:
        """Builds a block.

        Args:
            widths: of the parts that are normalised apart; one part is the rule.
            se_ratio: bottleneck of squeeze-and-excitation as a share of the width; 0 goes without.
            is_pooled: whether what is found on the whole board is told to the second convolution.
        """
        super().__init__()
        width = sum(widths)
        self.first = normalised_convolution(width, widths)
        self.pool = PooledBias(width) if is_pooled else None
        self.second = normalised_convolution(width, widths)
        self.excitation = SqueezeExcitation(width, se_ratio) if se_ratio > 0 else nn.Identity()

    def forward(self, features: Tensor) -> Tensor:
        """Maps float [B, W, 9, 9] to the same shape."""
        inner = self.first(features)
        if self.pool is not None:
            inner = inner.add_(self.pool(features))
        inner = nn.functional.relu(inner, inplace=True)
        outer: Tensor = self.excitation(self.second(inner))
        return nn.functional.relu(outer.add_(features), inplace=True)
