"""The keys of `[evaluation.myname]`; imports nothing heavy."""

import attrs

from keisei_core.config import at_least, at_most, setting


@attrs.frozen(kw_only=True)
class MynameOptions:
    """How the player plays."""

    greed: float = setting(
        1.0, "share of moves that take what can be taken; the others are random", at_least(0), at_most(1)
    )
