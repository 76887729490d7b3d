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

    Raises:
        ValueError: a tensor is of no parameter, or neither a count nor of its parameter's shape, or an entry is there
            for one parameter and missing for another that has some. (One that was never learned has none.)
    """
    parameters = dict(network.named_parameters())
    entries: dict[str, set[str]] = {}
    for key, tensor in tensors.items():
        name, _, entry = key.rpartition(":")
        if name not in parameters or tensor.shape not in ((), parameters[name].shape):
            raise ValueError(f"optimiser state {key} {list(tensor.shape)} fits no parameter of the network")
        entries.setdefault(name, set()).add(entry)
        optimizer.state[parameters[name]][entry] = _like(parameters[name], tensor)
    if len(set(map(frozenset, entries.values()))) > 1:
        raise ValueError("optimiser state has entries of some parameters that others lack")


def _like(parameter: Tensor, tensor: Tensor) -> Tensor:
    moment = torch.empty_like(parameter, requires_grad=False) if tensor.shape == parameter.shape else tensor.clone()
    return moment.copy_(tensor)
