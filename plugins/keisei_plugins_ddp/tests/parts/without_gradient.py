"""One of two processes: gradients where some parameters get none, against one process; rank 0 prints what it found."""

import json
import sys
from collections.abc import Callable

import torch
from equivalence import is_same_everywhere, part_of, settings
from torch import Tensor, nn

from keisei_core.distribution import Single
from keisei_core.evaluate import ActorCritic
from keisei_core.run.training import Training
from keisei_core.shogi import NUM_ACTIONS
from keisei_plugins_ddp.backend import DDP
from keisei_plugins_ddp.options import DDPOptions

CPU = torch.device("cpu")
Outputs = tuple[Tensor, Tensor, dict[str, Tensor]]
Gradients = dict[str, Tensor | None]


class Net(nn.Module):
    """Has a layer that nothing uses, one that is used now and then, and a further output."""

    def __init__(self, num_channels: int) -> None:
        super().__init__()
        self.trunk = nn.Sequential(nn.Flatten(), nn.Linear(num_channels * 81, 16), nn.Tanh())
        self.policy, self.value, self.next = nn.Linear(16, NUM_ACTIONS), nn.Linear(16, 1), nn.Linear(16, 1)
        self.unused, self.sometimes = nn.Linear(16, 16), nn.Linear(16, 1)
        self.uses_all = False

    def forward(self, planes: Tensor) -> Outputs:
        hidden = self.trunk(planes)
        value = self.value(hidden) + (self.sometimes(hidden) if self.uses_all else 0)
        return self.policy(hidden), value.squeeze(1), {"next": self.next(hidden).squeeze(1)}


def of_policy(outputs: Outputs) -> Tensor:
    """A loss that asks neither for the value nor for the further output."""
    return outputs[0].square().mean()


def of_all(outputs: Outputs) -> Tensor:
    return of_policy(outputs) + outputs[1].square().mean() + outputs[2]["next"].square().mean()


def gradients(network: nn.Module, own: nn.Module, loss: Callable[[Outputs], Tensor], planes: Tensor) -> Gradients:
    own.zero_grad()
    loss(network(planes, torch.zeros(len(planes)))).backward()
    return {name: one.grad if one.grad is None else one.grad.clone() for name, one in own.named_parameters()}


def as_bytes(found: Gradients) -> bytes:
    return b"".join(b"-" if one is None else one.numpy().tobytes() for one in found.values())


def main() -> None:
    backend = DDP(CPU, DDPOptions(timeout_s=60))
    training = Training(settings(), Single(CPU))
    segment, _ = training.source.next()
    whole, part = (
        torch.from_numpy(training.features.encode(one.positions))
        for one in (segment, part_of(segment, backend.rank, 2))
    )
    torch.manual_seed(0)
    own = Net(training.features.num_channels)
    network = ActorCritic(own, training.features.channels, training.settings.value)
    wrapped = backend.wrap(network)
    found = []
    for loss, own.uses_all in ((of_policy, False), (of_all, False), (of_all, True), (of_policy, False)):
        alone, together = gradients(network, own, loss, whole), gradients(wrapped, own, loss, part)
        pairs = [(alone[name], together[name]) for name in alone]
        without = {name.partition(".")[0] for name, gradient in together.items() if gradient is None}
        found.append(
            {
                "without": sorted(without),
                "same_without": all((one is None) == (other is None) for one, other in pairs),
                "difference": max(float((one - other).abs().max()) for one, other in pairs if one is not None),
            }
        )
    own.uses_all = backend.rank == 1
    apart = gradients(wrapped, own, of_all, part)
    equal = is_same_everywhere(backend, as_bytes(apart))
    backend.close()
    if backend.rank == 0:
        gets_it = apart["sometimes.weight"] is not None
        json.dump({"cases": found, "equal_apart": equal, "used_elsewhere_gets_a_gradient": gets_it}, sys.stdout)


if __name__ == "__main__":
    main()
