"""The keys that `[model] name = "mixer"` understands; imports no torch."""

import attrs

from keisei_core.config import at_least, at_most, setting


@attrs.frozen(kw_only=True)
class MixerOptions:
    """Size of the network."""

    width: int = setting(32, "numbers that each square knows", at_least(4), at_most(1024))
    depth: int = setting(3, "rounds of exchange between squares", at_least(1), at_most(100))
