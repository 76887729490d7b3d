"""What stands behind the name in `[selfplay] starts`, `myname:pieces=2`; imports nothing heavy."""

import attrs

from keisei_core.config import at_least, at_most, setting


@attrs.frozen(kw_only=True)
class MynameOptions:
    """How much White gives."""

    pieces: int = setting(2, "pieces that White plays without", at_least(0), at_most(19))
