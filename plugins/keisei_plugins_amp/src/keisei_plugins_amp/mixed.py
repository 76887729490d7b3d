"""Choosing between bfloat16 and float16 by what the device does well."""

import torch

from keisei_core.errors import ConfigError
from keisei_core.precision import PrecisionPolicy
from keisei_plugins_amp.bf16 import Bf16
from keisei_plugins_amp.devices import bf16_instructions
from keisei_plugins_amp.fp16 import Fp16
from keisei_plugins_amp.options import LossScaleOptions


def mixed(device: torch.device, options: LossScaleOptions) -> PrecisionPolicy:
    """Returns bfloat16 where the device does it well, else float16 on a GPU.

    Raises:
        ConfigError: a CPU does neither well.
    """
    if bf16_instructions(device):
        return Bf16(device)
    if device.type == "cuda":
        return Fp16(device, options)
    raise ConfigError(
        [
            "[precision] name: this CPU has no bfloat16 instructions (AVX512-BF16, AMX, Arm's BF16), so that mixed "
            "precision would be slower than float32; write fp32, or bf16 to try it all the same"
        ]
    )
