"""float16 with a scaled loss: its smallest number is 6e-8, and unscaled gradients would vanish below it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor

from keisei_core.precision import clip_and_step
from keisei_plugins_amp.options import LossScaleOptions


class Fp16:
    """Runs the network in float16 by autocast and scales the loss as far up as its gradients allow.

    The scale is halved and the step left out when a gradient is nan or inf. Gradients are the processes' mean by then,
    and equal on all of them, so that all halve and skip together.
    """

    name = "fp16"

    def __init__(self, device: torch.device, options: LossScaleOptions) -> None:
        self.device = device
        self.scaler = torch.amp.GradScaler(
            device.type,
            init_scale=options.initial_scale,
            growth_factor=options.growth_factor,
            backoff_factor=options.backoff_factor,
            growth_interval=options.growth_interval,
        )
        self.description = "float16, loss scaled"
        self.is_emulated = device.type == "cpu"
        if self.is_emulated:
            self.description += ", emulated by this CPU: very slow"

    def autocast(self) -> AbstractContextManager[Any]:
        """Returns the context in which convolutions and matrix products take and give float16."""
        return torch.autocast(self.device.type, dtype=torch.float16)

    def step(self, loss: Tensor, optimizer: torch.optim.Optimizer, max_grad_norm: float) -> float:
        """Steps down `loss` unless its gradients are nan or inf; see `PrecisionPolicy.step`.

        They are unscaled first: clipping is about their true length.
        """
        optimizer.zero_grad(set_to_none=True)
        self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        self.scaler.unscale_(optimizer)
        norm = clip_and_step(optimizer, max_grad_norm)
        self.scaler.update()
        return norm

    def state_dict(self) -> dict[str, float]:
        """Returns the loss scale, and how many steps ago it last fell or grew."""
        state = self.scaler.state_dict()
        return {"scale": state["scale"], "growth_tracker": state["_growth_tracker"]}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Takes back what `state_dict` gave; how the scale moves is the config's."""
        moved = {"scale": state["scale"], "_growth_tracker": state["growth_tracker"]}
        self.scaler.load_state_dict(self.scaler.state_dict() | moved)
