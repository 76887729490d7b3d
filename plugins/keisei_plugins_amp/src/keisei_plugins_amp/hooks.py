"""Declares the precision policies to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)

LOSS_SCALE: Final = "keisei_plugins_amp.options:LossScaleOptions"


@hookimpl
def keisei_precision_policies() -> Iterable[Component]:
    """Offers `bf16`, `fp16`, `mixed` and `auto`."""
    return (
        Component(
            name="bf16",
            target="keisei_plugins_amp.bf16:Bf16",
            summary="bfloat16 forward and backward passes, float32 weights",
        ),
        Component(
            name="fp16",
            target="keisei_plugins_amp.fp16:Fp16",
            options=LOSS_SCALE,
            summary="float16 forward and backward passes with loss scaling, float32 weights",
        ),
        Component(
            name="mixed",
            target="keisei_plugins_amp.mixed:mixed",
            options=LOSS_SCALE,
            summary="bf16 where the device does it well, else fp16 on a GPU; this is --mixed-precision",
        ),
        Component(
            name="auto",
            target="keisei_plugins_amp.auto:auto",
            summary="bf16 where the device does it well, else fp32",
        ),
    )
