"""The keys that `[precision] name = "fp16"` (and "mixed") understands; imports no torch."""

import attrs

from keisei_core.config import above, at_least, at_most, setting


@attrs.frozen(kw_only=True)
class LossScaleOptions:
    """How the loss scale of float16 moves; bfloat16 needs none."""

    initial_scale: float = setting(65_536.0, "the loss is multiplied by this at first", above(0), at_most(2.0**40))
    growth_interval: int = setting(
        2_000, "gradient steps without nan or inf after which the scale grows", at_least(1), at_most(1_000_000)
    )
    growth_factor: float = setting(2.0, "what the scale is multiplied by then", above(1), at_most(1_000))
    backoff_factor: float = setting(
        0.5, "what the scale is multiplied by when a gradient is nan or inf", above(0), at_most(0.99)
    )
