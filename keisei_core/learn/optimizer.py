"""What an optimiser must offer with its schedule, and Adam, the core's own."""

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import nn

from keisei_core.config.adam_options import AdamOptions

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
    """Adam (Kingma and Ba 2015); the learning rate goes linearly to its final value."""

    def __init__(self, parameters: Parameters, options: AdamOptions) -> None:
        """Takes all parameters.

        Args:
            parameters: on their device.
            options: see `AdamOptions`.
        """
        self.options = options
        self.optimizer: torch.optim.Optimizer = _fused_adam(parameters, options) or _adam(parameters, options)

    def rate(self, progress: float) -> float:
        """Returns the learning rate; see `Optimization.rate`."""
        return between(self.options.learning_rate, self.options.final_learning_rate, progress)


def _adam(parameters: Parameters, options: AdamOptions, *, fused: bool | None = None) -> torch.optim.Adam:
    tensors = [parameter for _, parameter in parameters]
    return torch.optim.Adam(tensors, lr=options.learning_rate, eps=options.epsilon, fused=fused)


def _fused_adam(parameters: Parameters, options: AdamOptions) -> torch.optim.Adam | None:
    """Builds Adam in one kernel; None where that is not asked for, or torch has none for the parameters' device."""
    try:
        return _adam(parameters, options, fused=True) if options.fused else None
    except RuntimeError:
        return None


def between(start: float, end: float, progress: float) -> float:
    """Goes linearly from `start` at progress 0 to `end` at progress 1."""
    return start + (end - start) * min(max(progress, 0.0), 1.0)
