"""Global pooling within a block, after KataGo's pooled bias (Wu 2019, arXiv 1902.10565, 3.3).

Shape key: B positions, W channels of the tower, P pooled channels, 9 files, 9 ranks.
"""

from typing import Final, final

import torch
from torch import Tensor, nn

from keisei_core.shogi import NUM_SQUARES

SHARE: Final = 4
"""W / P, as KataGo's smaller networks have it."""


@final
class PooledBias(nn.Module):
    """Says to every square what channels of its own found on the whole board. Starts as 0 everywhere.

    Squeeze-and-excitation weighs what a block found; this tells it before it looks the second time. The channels that
    are pooled are not normalised: nothing that they hold is left out by a mean over the board.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        pooled = max(1, width // SHARE)
        self.read = nn.Conv2d(width, pooled, kernel_size=3, padding=1)
        self.write = nn.Linear(2 * pooled, width)
        for parameter in self.write.parameters():
            nn.init.zeros_(parameter)

    def forward(self, features: Tensor) -> Tensor:
        """Maps float [B, W, 9, 9] to a bias of every channel, float [B, W, 1, 1]."""
        found = nn.functional.relu(self.read(features))
        highest = nn.functional.max_pool2d(found, found.shape[2:]).flatten(1)
        bias: Tensor = self.write(torch.cat((found.sum((2, 3)) / NUM_SQUARES, highest), dim=1))
        return bias[:, :, None, None]
