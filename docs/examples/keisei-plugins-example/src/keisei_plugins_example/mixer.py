"""An MLP-mixer (Tolstikhin et al. 2021, arXiv:2105.01601) over the squares of the board.

Shape key: B positions, C input channels, S = 81 squares, W numbers that each square knows.
"""

import torch
from keisei_core.observe import Channel
from torch import Tensor, nn

from keisei_plugins_example.options import MixerOptions

NUM_SQUARES = 81
MOVES_PER_SQUARE = 27


class Round(nn.Module):
    """Squares exchange what they know, then each thinks it over."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.before_exchange = nn.LayerNorm(width)
        self.exchange = nn.Sequential(nn.Linear(NUM_SQUARES, 96), nn.GELU(), nn.Linear(96, NUM_SQUARES))
        self.before_thought = nn.LayerNorm(width)
        self.thought = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, squares: Tensor) -> Tensor:
        """Maps float [B, S, W] to the same shape."""
        squares = squares + self.exchange(self.before_exchange(squares).transpose(1, 2)).transpose(1, 2)
        thought: Tensor = self.thought(self.before_thought(squares))
        return squares + thought


class Mixer(nn.Module):
    """The whole network."""

    def __init__(self, num_inputs: int, options: MixerOptions) -> None:
        super().__init__()
        width = options.width
        self.embed = nn.Linear(num_inputs, width)
        self.place = nn.Parameter(torch.randn(NUM_SQUARES, width) * 0.02)
        self.rounds = nn.Sequential(*(Round(width) for _ in range(options.depth)), nn.LayerNorm(width))
        self.policy = nn.Linear(width, MOVES_PER_SQUARE)
        self.value = nn.Sequential(nn.Linear(2 * width, 64), nn.GELU(), nn.Linear(64, 1))

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluates positions for their side to move.

        Args:
            planes: float [B, C, 9, 9], scaled.

        Returns:
            logits: float [B, 2187], not masked.
            value head, float [B]: the expected result for the side to move less what the material says.
        """
        squares = planes.flatten(2).transpose(1, 2)
        known = self.rounds(self.embed(squares) + self.place)
        logits = self.policy(known).transpose(1, 2).flatten(1)
        whole = torch.cat((known.mean(dim=1), known.amax(dim=1)), dim=1)
        return logits, torch.tanh(self.value(whole)).squeeze(1)


def build(channels: tuple[Channel, ...], options: MixerOptions) -> Mixer:
    """Makes the network for these input channels, with fresh weights from torch's global random stream."""
    return Mixer(len(channels), options)
