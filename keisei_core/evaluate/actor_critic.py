"""The network as self-play and learning see it: uint8 planes in, float32 policy logits and value out.

Shape key: B positions, C channels, A = 2,187 actions.
"""

import torch
from torch import Tensor, nn

from keisei_core.observe import Channel


class ActorCritic(nn.Module):
    """A model plugin's network behind the scaling of its input planes.

    The planes stay uint8 until they are on the device: a quarter of the memory traffic of float32.
    """

    scales: Tensor

    def __init__(self, network: nn.Module, channels: tuple[Channel, ...]) -> None:
        super().__init__()
        self.network = network
        self.channels = channels
        scales = torch.tensor([channel.scale for channel in channels], dtype=torch.float32)
        self.register_buffer("scales", scales.view(1, -1, 1, 1), persistent=False)

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        """Evaluates positions for their side to move.

        Args:
            planes: uint8 [B, C, 9, 9], as a `FeatureSet` encodes them.

        Returns:
            logits: float32 [B, A], not masked.
            value: float32 [B] in -1..1, the expected result for the mover, less the potential where rewards are shaped.
        """
        scaled = planes.to(torch.float32, memory_format=torch.channels_last) * self.scales
        logits, value = self.network(scaled)
        return logits.float(), value.float()
