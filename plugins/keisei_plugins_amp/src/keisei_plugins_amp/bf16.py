"""bfloat16: as wide in range as float32, so that no loss needs scaling."""

from contextlib import AbstractContextManager
from typing import Any

import torch

from keisei_core.precision import Fp32
from keisei_plugins_amp.devices import bf16_instructions, refuse_emulated_bf16


class Bf16(Fp32):
    """Runs the network in bfloat16 by autocast and steps like float32: its gradients can't overflow sooner."""

    name = "bf16"

    def __init__(self, device: torch.device) -> None:
        """Takes any CPU, and any GPU that computes in bfloat16.

        Raises:
            ConfigError: a GPU does not.
        """
        refuse_emulated_bf16(device)
        super().__init__(device)
        instructions = bf16_instructions(device)
        self.is_emulated = not instructions
        self.description = f"bfloat16 by {instructions}" if instructions else "bfloat16, emulated by this CPU: slow"

    def autocast(self) -> AbstractContextManager[Any]:
        """Returns the context in which convolutions and matrix products take and give bfloat16."""
        return torch.autocast(self.device.type, dtype=torch.bfloat16)
