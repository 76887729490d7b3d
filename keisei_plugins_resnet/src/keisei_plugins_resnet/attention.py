"""Attention of every square to all others (Vaswani et al. 2017), with what it is told of where they stand.

Shape key: B positions, W channels of the tower, H heads, D channels of a head, S 81 squares.
"""

from collections.abc import Sequence
from typing import Final, final

import torch
from torch import Tensor, nn

from keisei_core.shogi import NUM_SQUARES
from keisei_plugins_resnet.blocks import group_norm

FILES: Final = 9
HEAD_WIDTH: Final = 16
"""D, whatever the width: a network that is widened keeps its heads."""
NUM_OFFSETS: Final = (2 * FILES - 1) ** 2
"""Ways that one square can lie from another."""


def offsets() -> Tensor:
    """Returns which offset leads from each square to each other, int64 [S, S], below `NUM_OFFSETS`."""
    square = torch.arange(NUM_SQUARES)
    apart = [where[None, :] - where[:, None] + FILES - 1 for where in (square // FILES, square % FILES)]
    return apart[0] * (2 * FILES - 1) + apart[1]


@final
class AttentionBlock(nn.Module):
    """Attention over the whole board, and the way around it. Starts as the identity.

    Each head adds a bias for every offset from square to square, learned (Shaw et al. 2018; Raffel et al. 2020): lines,
    diagonals and a knight's jumps are told apart before anything is read from the pieces.
    """

    offsets: Tensor

    def __init__(self, widths: Sequence[int], num_heads: int) -> None:
        """Takes the widths of the parts that are normalised apart, and H."""
        super().__init__()
        width, self.num_heads = sum(widths), num_heads
        self.norm = group_norm(widths)
        self.read = nn.Linear(width, 3 * num_heads * HEAD_WIDTH, bias=False)
        self.write = nn.Linear(num_heads * HEAD_WIDTH, width)
        self.bias = nn.Parameter(torch.zeros(num_heads, NUM_OFFSETS))
        self.register_buffer("offsets", offsets(), persistent=False)
        for parameter in self.write.parameters():
            nn.init.zeros_(parameter)

    def forward(self, features: Tensor) -> Tensor:
        """Maps float [B, W, 9, 9] to the same shape."""
        tokens = self.norm(features).flatten(2).transpose(1, 2)
        heads = self.read(tokens).view(len(features), NUM_SQUARES, 3, self.num_heads, HEAD_WIDTH)
        query, key, value = heads.permute(2, 0, 3, 1, 4).unbind(0)
        bias = self.bias[:, self.offsets].to(query.dtype)
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, attn_mask=bias)
        added: Tensor = self.write(mixed.transpose(1, 2).flatten(2))
        return features + added.transpose(1, 2).view(features.shape)
