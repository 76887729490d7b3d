"""Steps by the sign of an average of gradients (Lion, Chen et al. 2023, without weight decay), after a warm-up."""

from collections.abc import Callable
from typing import Any

import torch
from keisei_core.learn import Parameters, between
from torch import Tensor

from keisei_plugins_myname.options import MynameOptions

FIRST_SHARE = 0.1
"""Of the learning rate, at the start of the warm-up and at the end of the run."""


class SignOfAverage(torch.optim.Optimizer):
    """Keeps one moment of each parameter, in `state`, where checkpoints and migrations find it."""

    def __init__(self, parameters: Parameters, options: MynameOptions) -> None:
        groups: list[dict[str, Any]] = [
            {"params": [one for _, one in parameters if one.dim() > 1], "lr_scale": 1.0},
            {"params": [one for _, one in parameters if one.dim() <= 1], "lr_scale": options.bias_share},
        ]
        super().__init__([group for group in groups if group["params"]], {"lr": options.learning_rate})
        self.momentum = options.momentum

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Takes a step of the length that each group's `lr` says."""
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter.sub_(group["lr"] * self.direction(parameter, parameter.grad))

    def direction(self, parameter: Tensor, gradient: Tensor) -> Tensor:
        """Returns where a parameter goes, -1, 0 or 1 for each number, and takes note of the gradient."""
        state = self.state[parameter]
        if not state:  # of a parameter that a migration changed there may be none at any time
            state["average"] = torch.zeros_like(parameter)
        direction = state["average"].lerp(gradient, 1 - self.momentum).sign()
        state["average"].lerp_(gradient, 0.1 * (1 - self.momentum))
        return direction


class Myname:
    """The optimiser and its schedule."""

    def __init__(self, parameters: Parameters, options: MynameOptions) -> None:
        self.options = options
        self.optimizer: torch.optim.Optimizer = SignOfAverage(parameters, options)

    def rate(self, progress: float) -> float:
        """Returns the learning rate: up in the warm-up, then down linearly; it depends on progress alone."""
        highest, warmup = self.options.learning_rate, self.options.warmup
        if progress < warmup:
            return between(FIRST_SHARE * highest, highest, progress / warmup)
        return between(highest, FIRST_SHARE * highest, (progress - warmup) / (1 - warmup))
