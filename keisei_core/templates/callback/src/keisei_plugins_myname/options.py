"""The keys of `[run.myname]`; imports nothing heavy."""

import attrs

from keisei_core.config import at_least, setting


@attrs.frozen(kw_only=True)
class MynameOptions:
    """What is looked at, and when."""

    every_updates: int = setting(1, "looks after every so many updates", at_least(1))
    positions: int = setting(256, "positions whose value is looked at", at_least(1))
