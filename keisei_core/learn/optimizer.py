"""What an optimiser must offer with its schedule, and Adam, the core's own."""

from collections.abc import Sequence
from typing import Final, Protocol

import torch
from torch import nn

from keisei_core.config.adam_options import AdamOptions

COLD: Final = 0.01
"""Share of the learning rate that a warm-up begins with."""
Parameters = Sequence[tuple[str, nn.Parameter]]
"""The network's parameters with their names, as `named_parameters` gives them."""


class Optimization(Protocol):
    """An optimiser, and the learning rate that it has at each stage of a run."""

    @property
    def optimizer(self) -> torch.optim.Optimizer:
        """Steps all parameters; its state travels in checkpoints by parameter: tensors of any shape, and numbers."""
        ...

    def rate(self, progress: float) -> float:
        """Returns the learning rate, above 0, at a progress of 0 (start of the run) to 1 (its end).

        Before each update it becomes `lr` of every parameter group, times the group's own `lr_scale` where it has one.
        """
        ...


class Adam:
    """Adam (Kingma and Ba 2015); the learning rate is linear after a warm-up, if there is one."""

    def __init__(self, parameters: Parameters, options: AdamOptions) -> None:
        """Takes all parameters.

        Args:
            parameters: on their device.
            options: see `AdamOptions`.
        """
        self.options = options
        self.optimizer: torch.optim.Optimizer = torch.optim.Adam(
            [parameter for _, parameter in parameters],
            lr=options.learning_rate,
            eps=options.epsilon,
            fused=(options.fused and has_fused_adam(parameters[0][1].device)) or None,
        )

    def rate(self, progress: float) -> float:
        """Returns the learning rate; see `Optimization.rate`."""
        options = self.options
        return scheduled(options.learning_rate, options.final_learning_rate, options.warm_up, progress)


def has_fused_adam(device: torch.device) -> bool:
    """Tells whether torch steps Adam in one kernel on a device, by a step of one number: it says so no earlier."""
    number = nn.Parameter(torch.zeros(1, device=device))
    number.grad = torch.zeros_like(number)
    try:
        torch.optim.Adam([number], fused=True).step()
    except RuntimeError:  # NotImplementedError among them
        return False
    return True


def scheduled(start: float, end: float, warm_up: float, progress: float) -> float:
    """Goes linearly from `start` at progress 0 to `end` at 1, times what a warm-up leaves of it.

    Args:
        start: of the run; above 0.
        end: above 0.
        warm_up: share of the run in which the factor rises linearly to 1, from `COLD`.
        progress: 0 to 1.
    """
    return between(COLD, 1.0, progress / warm_up if warm_up else 1.0) * between(start, end, progress)


def between(start: float, end: float, progress: float) -> float:
    """Goes linearly from `start` at progress 0 to `end` at progress 1."""
    return start + (end - start) * min(max(progress, 0.0), 1.0)
