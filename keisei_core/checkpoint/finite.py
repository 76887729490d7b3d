"""Networks that are no networks any more: a nan or an inf among their numbers that was not there from the start."""

from collections.abc import Mapping
from itertools import chain
from typing import Final

import torch
from torch import Tensor, nn

from keisei_core.checkpoint.content import Checkpoint
from keisei_core.errors import DivergedError

NOT_FINITE: Final = "not_finite"
"""Entry of a checkpoint's state: buffers that hold nan or inf from the start, each with how many."""


def not_finite_buffers(network: nn.Module) -> dict[str, list[int]]:
    """Returns how many nan and how many inf the buffers of a fresh network hold that hold any, by name.

    A mask of -inf is a constant of the network and no sign of divergence; parameters have no such excuse.
    """
    return {name: _counted(buffer) for name, buffer in network.named_buffers() if not torch.isfinite(buffer).all()}


def first_not_finite(checkpoint: Checkpoint) -> str | None:
    """Returns the name of the first tensor of network or optimiser that holds nan or inf, None where there is none.

    Buffers may hold as many of each as they did from the start, by the checkpoint's own state.
    """
    told = checkpoint.state.get(NOT_FINITE)
    allowed: Mapping[str, object] = told if isinstance(told, Mapping) else {}
    for name, tensor in chain(checkpoint.weights.items(), checkpoint.average.items()):
        if not torch.isfinite(tensor).all() and _counted(tensor) != allowed.get(name):
            return name
    return next((name for name, tensor in checkpoint.optimizer.items() if not torch.isfinite(tensor).all()), None)


def require_finite(checkpoint: Checkpoint) -> None:
    """Keeps a broken network from taking the place of a good one.

    Raises:
        DivergedError: naming the tensor.
    """
    name = first_not_finite(checkpoint)
    if name is not None:
        raise DivergedError(
            f"expected finite numbers in the network, got nan or inf in {name}, so it was not saved; "
            "lower optimizer.learning_rate in the run's config.toml and resume from the last checkpoint"
        )


def _counted(tensor: Tensor) -> list[int]:
    """Returns how many nan and how many inf there are."""
    return [int(tensor.isnan().sum()), int(tensor.isinf().sum())]
