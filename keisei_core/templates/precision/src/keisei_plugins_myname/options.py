"""The keys that `[precision] name = "myname"` understands; imports no torch."""

import attrs

from keisei_core.config import one_of, setting


@attrs.frozen(kw_only=True)
class MynameOptions:
    """What products of matrices and convolutions are computed in, and how their weights lie."""

    dtype: str = setting("bfloat16", "bfloat16 or float32", one_of("bfloat16", "float32"))
    channels_last: bool = setting(False, "weights of convolutions lie in memory channels last")
