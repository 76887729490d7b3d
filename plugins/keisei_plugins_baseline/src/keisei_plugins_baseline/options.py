"""The keys that `[model] name = "baseline"` understands; imports no torch."""

import attrs

from keisei_core.config import at_least, at_most, setting


@attrs.frozen(kw_only=True)
class BaselineOptions:
    """Size of the one convolution."""

    channels: int = setting(16, "channels of the convolution", at_least(1), at_most(1024))
