"""The average of a network's weights over the updates of a run: what plays where a run asks for it."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Final

import torch
from torch import Tensor

from keisei_core.evaluate import ActorCritic

EARLY: Final = 10
"""While an average is young it keeps less: (1 + n) / (EARLY + n) at most after n updates, so that the weights at the
start, which know nothing, are soon forgotten."""


class AverageNetwork:
    """A network that follows another: each update leaves a share of it."""

    def __init__(self, network: ActorCritic, share: float) -> None:
        """Begins with a network's weights; `share`, above 0, is what an update leaves of the average."""
        self.network = deepcopy(network).eval().requires_grad_(False)
        self.share = share

    def kept(self, num_updates: int) -> float:
        """Returns what the last of so many updates leaves of the average."""
        return min(self.share, (1 + num_updates) / (EARLY + num_updates))

    @torch.no_grad()
    def follow(self, network: ActorCritic, num_updates: int) -> None:
        """Takes in the weights after the last of so many updates; buffers are the network's own."""
        share = 1 - self.kept(num_updates)
        for parameter, other in zip(self.network.parameters(), network.parameters(), strict=True):
            parameter.lerp_(other, share)
        for buffer, value in zip(self.network.buffers(), network.buffers(), strict=True):
            buffer.copy_(value)

    def weights(self) -> dict[str, Tensor]:
        """Returns the state dict of the network itself; tensors are not copied."""
        return self.network.network.state_dict()

    def load(self, weights: Mapping[str, Tensor]) -> None:
        """Takes the place of the average."""
        self.network.network.load_state_dict(weights)
