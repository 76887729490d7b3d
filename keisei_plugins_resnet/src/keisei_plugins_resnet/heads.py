"""From the tower's features to the policy and to the value, both small.

Shape key: B positions, W channels of the tower, C channels of the input, 9 files, 9 ranks.
"""

from collections.abc import Sequence
from typing import Final, final

import torch
from torch import Tensor, nn

from keisei_core.shogi import NUM_ACTION_PLANES, NUM_ACTIONS, NUM_SQUARES

VALUE_UNITS: Final = 64


@final
class PolicyHead(nn.Module):
    """A 1x1 convolution to 27 planes of moves, and one bias per action. Starts as the uniform policy.

    Every square shares the weights of its 27 kinds of moves: thousands of weights instead of millions.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.moves = nn.Conv2d(width, NUM_ACTION_PLANES, kernel_size=1, bias=False)
        self.bias = nn.Parameter(torch.zeros(NUM_ACTIONS))
        nn.init.zeros_(self.moves.weight)

    def forward(self, features: Tensor) -> Tensor:
        """Maps float [B, W, 9, 9] to logits, float [B, 2187], plane * 81 + destination square."""
        planes_of_moves: Tensor = self.moves(features)
        return planes_of_moves.flatten(1) + self.bias


@final
class LayerNormApart(nn.Module):
    """LayerNorm of the pooled features of each part of the channels by itself: a part does not notice the others."""

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        self.widths = list(widths)
        self.weight = nn.Parameter(torch.ones(2 * sum(widths)))
        self.bias = nn.Parameter(torch.zeros(2 * sum(widths)))

    def forward(self, pooled: Tensor) -> Tensor:
        """Maps float [B, 2 W], means of all channels and then maxima, to the same shape."""
        parts = torch.split(pooled.view(len(pooled), 2, -1), self.widths, dim=2)
        normalised = torch.cat([nn.functional.layer_norm(part, part.shape[1:]) for part in parts], dim=2)
        return normalised.flatten(1) * self.weight + self.bias


def layer_norm(widths: Sequence[int]) -> nn.Module:
    """Makes the normalisation of pooled features of channels whose parts of these widths are normalised apart."""
    return nn.LayerNorm(2 * widths[0]) if len(widths) == 1 else LayerNormApart(widths)


@final
class ValueHead(nn.Module):
    """Pooled features through one hidden layer, plus one weight per input plane. Starts at 0 everywhere.

    Pooled features hardly differ between positions; without LayerNorm, and with ReLU, nearly all hidden units die
    within the first updates, and the value stays constant. What each plane holds in sum is mostly a count of pieces;
    its logarithm keeps a piece on the board (1) and a rook in hand (a plane of halves, 40.5) in one range.
    """

    def __init__(self, num_inputs: int, widths: Sequence[int]) -> None:
        """Takes the widths of the parts that are normalised apart; one part is the rule."""
        super().__init__()
        self.hidden = nn.Sequential(layer_norm(widths), nn.Linear(2 * sum(widths), VALUE_UNITS), nn.SiLU())
        self.output = nn.Linear(VALUE_UNITS, 1)
        self.counts = nn.Linear(num_inputs, 1, bias=False)
        for layer in (self.output, self.counts):
            nn.init.zeros_(layer.weight)
        nn.init.zeros_(self.output.bias)

    def forward(self, features: Tensor, planes: Tensor) -> Tensor:
        """Maps float [B, W, 9, 9] and the input, float [B, C, 9, 9], to the value head, float [B]."""
        # The mean and the maximum; `mean` and `amax` are the same but slow on the way back.
        highest = nn.functional.max_pool2d(features, features.shape[2:]).flatten(1)
        pooled = torch.cat((features.sum((2, 3)) / NUM_SQUARES, highest), dim=1)
        counts = torch.log1p(planes.sum((2, 3)))
        return torch.tanh(self.output(self.hidden(pooled)) + self.counts(counts)).squeeze(1)
