"""Choosing between bfloat16 and float32 by what the device does well, for configs that are to be fast everywhere."""

import torch

from keisei_core.precision import Fp32, PrecisionPolicy
from keisei_plugins_amp.bf16 import Bf16
from keisei_plugins_amp.devices import bf16_instructions


class WithoutBf16(Fp32):
    """float32, on a device that would emulate bfloat16."""

    name = "fp32"
    is_emulated = False
    description = "float32: this device has no instructions for bfloat16 (auto)"


def auto(device: torch.device) -> PrecisionPolicy:
    """Returns bfloat16 where the device computes in it, else float32; the run's config then names which."""
    if not bf16_instructions(device):
        return WithoutBf16(device)
    policy = Bf16(device)
    policy.description += " (auto)"
    return policy
