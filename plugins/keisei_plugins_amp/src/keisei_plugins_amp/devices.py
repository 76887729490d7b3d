"""What a device computes well, and what it can't do."""

import torch

from keisei_core.errors import ConfigError

CPU_BF16_INSTRUCTIONS = ("amx_bf16", "avx512_bf16", "avx10_2", "sve_bf16", "bf16")
"""Capabilities of a CPU with which a bfloat16 convolution beats a float32 one; the last two are Arm's."""


def bf16_instructions(device: torch.device) -> str:
    """Returns the name of what makes bfloat16 fast on a device, nothing where it is not."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device) if torch.cuda.is_bf16_supported(including_emulation=False) else ""
    capabilities = torch.cpu.get_capabilities()
    return next((name.upper().replace("_", "-") for name in CPU_BF16_INSTRUCTIONS if capabilities.get(name)), "")


def refuse_emulated_bf16(device: torch.device) -> None:
    """Lets bfloat16 pass on every CPU and on GPUs that compute in it.

    A CPU without the instructions gets the same numbers more slowly, which is what one wants to try a set-up.

    Raises:
        ConfigError: the GPU would emulate it.
    """
    if device.type == "cuda" and not bf16_instructions(device):
        name = torch.cuda.get_device_name(device)
        raise ConfigError([f"[precision] name: {name} does not compute in bfloat16; write fp16 or fp32"])
