"""The optimiser's state by parameter name, so that it survives in a checkpoint without code or positions."""

import torch
from torch import Tensor, nn


def optimizer_tensors(network: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Returns every tensor of the optimiser's state under `<parameter>:<entry>`, not copied."""
    return {
        f"{name}:{entry}": tensor
        for name, parameter in network.named_parameters()
        for entry, tensor in optimizer.state.get(parameter, {}).items()
    }


def load_optimizer_tensors(network: nn.Module, optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Takes back what `optimizer_tensors` gave.

    Moments take the device and memory layout of their parameter; a step count stays on the CPU, as Adam keeps it.
    """
    parameters = dict(network.named_parameters())
    for key, tensor in tensors.items():
        name, entry = key.rsplit(":", 1)
        parameter = parameters[name]
        moment = torch.empty_like(parameter, requires_grad=False) if tensor.shape == parameter.shape else tensor.clone()
        optimizer.state[parameter][entry] = moment.copy_(tensor)
