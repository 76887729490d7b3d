"""The optimiser's state by parameter name, so that it survives in a checkpoint without code or positions.

An entry is a tensor of any shape, kept as `<parameter>:<entry>`, or a plain number, kept as `<parameter>:=<entry>`.
"""

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor, nn

from keisei_core.errors import PluginError

NUMBER: Final = "="
"""What the name of an entry begins with that is a number of Python, stored as a tensor without axes."""
Value = Tensor | bool | int | float
DTYPES: Final = {bool: torch.bool, int: torch.int64, float: torch.float64}
ON_CPU: Final = "step"
"""The entry that stays on the CPU, where torch's optimisers keep it but where a group is `fused` or `capturable`."""


def optimizer_tensors(network: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Returns the optimiser's state by name; tensors are not copied.

    Raises:
        PluginError: an entry is neither a tensor nor a number.
    """
    return dict(
        _stored(name, entry, value)
        for name, parameter in network.named_parameters()
        for entry, value in optimizer.state.get(parameter, {}).items()
    )


def load_optimizer_tensors(network: nn.Module, optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Takes back what `optimizer_tensors` gave, in the place of all that is there.

    Tensors go to the device of their parameter, but for a step count that the optimiser keeps on the CPU; those of its
    shape take its memory layout too.

    Raises:
        ValueError: something is of no parameter, or a number is not one.
    """
    parameters = dict(network.named_parameters())
    on_device = {
        parameter: bool(group.get("fused") or group.get("capturable"))
        for group in optimizer.param_groups
        for parameter in group["params"]
    }
    optimizer.state.clear()
    for key, tensor in tensors.items():
        name, _, entry = key.rpartition(":")
        parameter = parameters.get(name)
        if parameter is None or (entry.startswith(NUMBER) and tensor.dim()):
            raise ValueError(f"optimiser state {key} {list(tensor.shape)} fits no parameter of the network")
        if entry.startswith(NUMBER):
            optimizer.state[parameter][entry.removeprefix(NUMBER)] = tensor.item()
        elif entry == ON_CPU and not tensor.dim() and not on_device.get(parameter):
            optimizer.state[parameter][entry] = tensor.cpu().clone()
        else:
            optimizer.state[parameter][entry] = _like(parameter, tensor)


def _stored(name: str, entry: str, value: Value) -> tuple[str, Tensor]:
    """Returns an entry's name and tensor in a checkpoint."""
    if isinstance(value, Tensor):
        return f"{name}:{entry}", value
    dtype = DTYPES.get(type(value))
    if dtype is None:
        raise PluginError(
            f"the optimiser's state {entry!r} of {name} must be a tensor or a number, got {type(value).__name__}"
        )
    return f"{name}:{NUMBER}{entry}", torch.tensor(value, dtype=dtype)


def _like(parameter: Tensor, tensor: Tensor) -> Tensor:
    """Copies a tensor to where its parameter is, in its own dtype."""
    if tensor.shape != parameter.shape:
        return tensor.to(parameter.device, copy=True)
    return torch.empty_like(parameter, dtype=tensor.dtype, requires_grad=False).copy_(tensor)
