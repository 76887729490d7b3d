"""Networks that are no networks any more: a nan or an inf among their numbers."""

import torch

from keisei_core.checkpoint.content import Checkpoint
from keisei_core.errors import DivergedError


def first_not_finite(checkpoint: Checkpoint) -> str | None:
    """Returns the name of the first tensor of network or optimiser that holds nan or inf, None where there is none."""
    for tensors in (checkpoint.weights, checkpoint.optimizer):
        for name, tensor in tensors.items():
            if not torch.isfinite(tensor).all():
                return name
    return None


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
