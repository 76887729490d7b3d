"""Muon (Keller Jordan and others 2024, https://kellerjordan.github.io/posts/muon/), Adam's rule for what is no matrix.

A kernel counts as a matrix of output channels by everything else; a single row is none.
"""

import math
from collections.abc import Callable
from typing import Any, Final, final

import torch
from torch import Tensor

from keisei_core.learn import Parameters, scheduled
from keisei_plugins_muon.options import MuonOptions

COEFFICIENTS: Final = (3.4445, -4.7750, 2.0315)
"""Jordan's, of the odd polynomial that is iterated: steep at 0, and singular values end up within 0.7 to 1.2."""
ITERATIONS: Final = 5
LIKE_ADAM: Final = 0.2
"""Root mean square of a step at a learning rate of 1: about Adam's (Liu and others 2025, arXiv 2502.16982, 2.2)."""
MEAN_DECAY: Final = 0.9
SQUARE_DECAY: Final = 0.999

State = dict[str, Any]


@final
class Muon:
    """The optimiser and its schedule."""

    def __init__(self, parameters: Parameters, options: MuonOptions) -> None:
        """Takes all parameters.

        Args:
            parameters: on their device.
            options: see `MuonOptions`.
        """
        self.options = options
        self.optimizer: torch.optim.Optimizer = MuonWithAdam(parameters, options)

    def rate(self, progress: float) -> float:
        """Returns the learning rate; see `keisei_core.learn.Optimization.rate`."""
        options = self.options
        return scheduled(options.learning_rate, options.final_learning_rate, options.warm_up, progress)


@final
class MuonWithAdam(torch.optim.Optimizer):
    """Steps every parameter by the rule that fits it."""

    def __init__(self, parameters: Parameters, options: MuonOptions) -> None:
        matrices = [parameter for _, parameter in parameters if is_matrix(parameter)]
        others = [parameter for _, parameter in parameters if not is_matrix(parameter)]
        self.rules: tuple[Callable[[Tensor, State], Tensor], ...] = (self._orthogonal, self._adam)
        groups = [{"params": own, "rule": rule} for rule, own in enumerate((matrices, others)) if own]
        super().__init__(groups, {"lr": options.learning_rate})
        self.momentum = options.momentum
        self.epsilon = options.epsilon

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Takes one step; asks no closure."""
        for group in self.param_groups:
            rule = self.rules[group["rule"]]
            for parameter in group["params"]:
                if parameter.grad is not None:
                    parameter.add_(rule(parameter.grad, self.state[parameter]), alpha=-group["lr"])

    def _orthogonal(self, gradient: Tensor, state: State) -> Tensor:
        """Averages the gradient by Nesterov's momentum; returns the direction of the step, of its shape."""
        if not state:
            state["momentum"] = torch.zeros_like(gradient)
        average: Tensor = state["momentum"].lerp_(gradient, 1 - self.momentum)
        ahead = gradient.lerp(average, self.momentum)
        direction = orthogonal(ahead.flatten(1)).view(gradient.shape)
        return direction.mul_(LIKE_ADAM * math.sqrt(max(direction.shape[0], direction[0].numel())))

    def _adam(self, gradient: Tensor, state: State) -> Tensor:
        """Averages the gradient and its square as Adam does; returns the direction of the step, of its shape."""
        if not state:
            state.update(steps=0, mean=torch.zeros_like(gradient), square=torch.zeros_like(gradient))
        state["steps"] += 1
        mean: Tensor = state["mean"].lerp_(gradient, 1 - MEAN_DECAY)
        square: Tensor = state["square"].lerp_(gradient.square(), 1 - SQUARE_DECAY)
        root = (square / (1 - SQUARE_DECAY ** state["steps"])).sqrt()
        direction: Tensor = mean / (1 - MEAN_DECAY ** state["steps"]) / (root + self.epsilon)
        return direction


def is_matrix(parameter: Tensor) -> bool:
    """Tells whether a parameter is a matrix or a kernel, with more than one row and more than one column."""
    return parameter.dim() > 1 and min(len(parameter), parameter.numel() // max(len(parameter), 1)) > 1


def orthogonal(matrix: Tensor) -> Tensor:
    """Returns about the nearest matrix whose rows or columns, whichever are fewer, are orthonormal.

    By Newton-Schulz iterations, which need nothing but products; a matrix of zeros stays one.

    Args:
        matrix: float [R, C].
    """
    slope, cubic, quintic = COEFFICIENTS
    wide = matrix if len(matrix) <= matrix.shape[1] else matrix.T
    x: Tensor = wide / (wide.norm() + 1e-7)
    for _ in range(ITERATIONS):
        gram = x @ x.T
        x = slope * x + (cubic * gram + quintic * gram @ gram) @ x
    return x if wide is matrix else x.T
