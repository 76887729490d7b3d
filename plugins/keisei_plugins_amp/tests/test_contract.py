import pytest
import torch

from keisei_core.testing import PrecisionContract
from keisei_plugins_amp.devices import bf16_instructions

HAS_BF16 = bool(bf16_instructions(torch.device("cpu")))
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")


class TestBf16(PrecisionContract):
    name = "bf16"


class TestFp16(PrecisionContract):
    name = "fp16"
    scales_loss = True


class TestFp16WhoseScaleGrowsSoon(PrecisionContract):
    name = "fp16"
    options = {"initial_scale": 1024.0, "growth_interval": 2}
    scales_loss = True


@pytest.mark.skipif(not HAS_BF16, reason="this CPU has no bfloat16 instructions")
class TestMixed(PrecisionContract):
    name = "mixed"


class TestAuto(PrecisionContract):
    name = "auto"


@needs_gpu
class TestBf16OnGPU(PrecisionContract):
    name = "bf16"
    device = "cuda"


@needs_gpu
class TestFp16OnGPU(PrecisionContract):
    name = "fp16"
    scales_loss = True
    device = "cuda"


@needs_gpu
class TestMixedOnGPU(PrecisionContract):
    name = "mixed"
    device = "cuda"
