"""The keys that `[algorithm] name = "myname"` understands; imports nothing heavy."""

import attrs

from keisei_core.config import above, at_least, at_most, setting


@attrs.frozen(kw_only=True)
class MynameOptions:
    """How it learns."""

    gamma: float = setting(0.997, "discount per ply", above(0), at_most(1))
    entropy_coefficient: float = setting(0.005, "weight of the policy's entropy, which is rewarded", at_least(0))
