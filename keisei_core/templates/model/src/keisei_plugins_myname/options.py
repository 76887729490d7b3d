"""The keys that `[model] name = "myname"` understands, each a flag of `keisei run` too; imports no torch."""

import attrs

from keisei_core.config import at_least, at_most, setting


@attrs.frozen(kw_only=True)
class MynameOptions:
    """Size of the network, and what it learns beside policy and value."""

    width: int = setting(32, "channels of every block", at_least(8), at_most(1024))
    depth: int = setting(3, "blocks", at_least(1), at_most(100))
    plies_left_weight: float = setting(0.1, "weight of the loss of how soon games end", at_least(0.0))
