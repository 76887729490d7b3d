"""Numeric precision by torch's autocast: weights, losses and gradients stay float32."""

import math
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

import torch
from keisei_core.precision import Fp32
from torch import Tensor, nn

from keisei_plugins_myname.options import MynameOptions


class MynamePolicy(Fp32):
    """Computes products in fewer bits, and counts the steps that were skipped because a gradient was nan or inf."""

    def __init__(self, device: torch.device, options: MynameOptions) -> None:
        super().__init__(device)
        self.dtype = getattr(torch, options.dtype)
        self.memory_format = torch.channels_last if options.channels_last else torch.contiguous_format
        self.description = options.dtype
        self.num_skipped = 0

    def prepare(self, network: nn.Module) -> nn.Module:
        """Makes a fresh network ready: here it changes how weights lie in memory, not what they are."""
        return network.to(memory_format=self.memory_format)

    def autocast(self) -> AbstractContextManager[Any]:
        """Returns the context in which the network runs, the same for acting and for learning."""
        return torch.autocast(self.device.type, dtype=self.dtype, enabled=self.dtype != torch.float32)

    def step(self, loss: Tensor, optimizer: torch.optim.Optimizer, max_grad_norm: float) -> float:
        """Takes one gradient step down `loss`, gradients clipped to `max_grad_norm`.

        Returns:
            The L2 norm of the gradients before clipping. Where it is nan or inf no parameter was changed.
        """
        norm = float(super().step(loss, optimizer, max_grad_norm))
        self.num_skipped += not math.isfinite(norm)
        return norm

    def state_dict(self) -> dict[str, float]:
        """Returns what a resumed run needs, as plain numbers."""
        return {"num_skipped": self.num_skipped}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Takes back what `state_dict` gave."""
        self.num_skipped = int(state["num_skipped"])
