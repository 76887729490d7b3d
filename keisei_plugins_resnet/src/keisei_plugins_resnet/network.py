"""The SE-ResNet actor-critic: stem, residual tower, attention where it is asked for, policy head, value head.

Shape key: B positions, C channels of the input, W channels of the tower, 9 files, 9 ranks.
"""

from typing import final

from torch import Tensor, nn

from keisei_core.migration import Layout
from keisei_core.observe import Channel
from keisei_plugins_resnet.attention import AttentionBlock
from keisei_plugins_resnet.blocks import ResidualBlock, normalised_convolution
from keisei_plugins_resnet.heads import PolicyHead, ValueHead
from keisei_plugins_resnet.layout import layout_of
from keisei_plugins_resnet.options import ResNetOptions


@final
class ResNet(nn.Module):
    """Reads planes, weighs moves and the position. Holds no running statistics: training and playing are the same."""

    def __init__(self, num_inputs: int, options: ResNetOptions) -> None:
        super().__init__()
        self.widths = options.norm_widths or (options.tower_width,)
        self.stem = nn.Sequential(normalised_convolution(num_inputs, self.widths), nn.ReLU())
        every = options.pool_every or options.tower_depth + 1
        numbers = range(1, options.tower_depth + 1)
        blocks = (ResidualBlock(self.widths, options.se_ratio, number % every == 0) for number in numbers)
        self.tower = nn.Sequential(*blocks)
        heads = options.attention_heads
        self.attention = nn.Sequential(*(AttentionBlock(self.widths, heads) for _ in range(options.attention_blocks)))
        self.policy = PolicyHead(options.tower_width)
        self.value = ValueHead(num_inputs, self.widths)

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluates positions for their side to move.

        Args:
            planes: float [B, C, 9, 9], scaled.

        Returns:
            logits: float [B, 2187], not masked.
            value head, float [B]: the expected result for the side to move less what the material says.
        """
        features = self.attention(self.tower(self.stem(planes)))
        return self.policy(features), self.value(features, planes)

    def layout(self) -> Layout:
        """Says how the tensors follow the planes, the channels of the tower and its blocks, for migration."""
        return layout_of(self, self.widths, len(self.tower), len(self.attention))


def build(channels: tuple[Channel, ...], options: ResNetOptions) -> ResNet:
    """Makes the network for these input channels, with fresh weights from torch's global random stream."""
    return ResNet(len(channels), options)
