"""The keys that `[optimizer] name = "myname"` understands; imports no torch."""

import attrs

from keisei_core.config import above, at_least, at_most, setting


@attrs.frozen(kw_only=True)
class MynameOptions:
    """How far a step goes, and what it remembers."""

    learning_rate: float = setting(3e-4, "how far every number moves, at its highest", above(0), at_most(1))
    warmup: float = setting(0.05, "share of the run in which the rate rises from a tenth", at_least(0), at_most(0.9))
    momentum: float = setting(0.9, "share of the last average that is kept", at_least(0), at_most(0.999))
    bias_share: float = setting(0.5, "rate of what is no matrix, as a share of the other", above(0), at_most(1))
