"""The network as self-play and learning see it: uint8 planes and material in, float32 policy logits and value out.

Shape key: B positions, C channels, A = 2,187 actions.
"""

from copy import deepcopy
from typing import Self

import torch
from torch import Tensor, nn

from keisei_core.config.tables import ValueTable
from keisei_core.errors import PluginError
from keisei_core.evaluate.outputs import outputs_problem
from keisei_core.observe import Channel


class ActorCritic(nn.Module):
    """A model plugin's network behind the scaling of its input planes, its value head on top of the material.

    The planes stay uint8 until they are on the device: a quarter of the memory traffic of float32. V is the head's
    output plus `weight * tanh(material / scale)`: the head learns only how the expected result differs from what the
    material says. That is what potential-based shaping of the rewards by the same function would come to, term by term
    (Wiewiora 2003), without a value that means something else than the result.
    """

    scales: Tensor

    def __init__(
        self, network: nn.Module, channels: tuple[Channel, ...], value: ValueTable, owner: str = "the network"
    ) -> None:
        """Takes over a network.

        Args:
            network: a model plugin's.
            channels: of its input planes.
            value: what V stands on.
            owner: whose it is, for what is said of wrong outputs: `model 'NAME' of PACKAGE VERSION`.
        """
        super().__init__()
        self.owner = owner
        self.network = network
        self.channels = channels
        self.value = value
        scales = torch.tensor([channel.scale for channel in channels], dtype=torch.float32)
        self.register_buffer("scales", scales.view(1, -1, 1, 1), persistent=False)

    def copied(self) -> Self:
        """Returns a copy that only plays, on the same device.

        It is not compiled: a compiled program goes on evaluating the network that it was made of.
        """
        copy = type(self)(deepcopy(self.network), self.channels, self.value, self.owner)
        return copy.to(self.scales.device).requires_grad_(False).eval()

    def scaled(self, planes: Tensor) -> Tensor:
        """Returns what the network itself is given for planes, uint8 [B, C, 9, 9]: float32 of the same shape."""
        return planes.to(torch.float32, memory_format=torch.channels_last).mul_(self.scales)

    def forward(self, planes: Tensor, material: Tensor) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        """Evaluates positions for their side to move.

        Args:
            planes: uint8 [B, C, 9, 9], as a `FeatureSet` encodes them.
            material: float32 [B], the mover's balance in pawns (`keisei_core.shogi.material`).

        Returns:
            logits: float32 [B, A], not masked.
            value: float32 [B], V: the expected result for the mover, 1 a win and -1 a loss, discounted as the algorithm
                does. Estimates may lie a little outside of -1..1.
            extra: the network's further outputs by name, [B, ...], floats as float32; mostly none.

        Raises:
            PluginError: the network returned something else than outputs of these positions.
        """
        outputs = self.network(self.scaled(planes))
        problem = outputs_problem(outputs, len(planes))
        if problem is not None:
            raise PluginError(f"{self.owner}: {problem}")
        logits, head, *further = outputs
        baseline = self.value.material * torch.tanh(material / self.value.scale)
        given: dict[str, Tensor] = further[0] if further else {}
        extra = {name: as_float32(tensor) for name, tensor in given.items()}
        return logits.float(), head.float() + baseline, extra


def as_float32(tensor: Tensor) -> Tensor:
    """Returns numbers of any width as float32; integers stay what they are."""
    return tensor.float() if tensor.is_floating_point() else tensor
