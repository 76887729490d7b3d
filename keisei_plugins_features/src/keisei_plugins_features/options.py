"""The keys of `[input.NAME]` for the planes that have options; imports nothing heavy."""

import attrs

from keisei_core.config import at_least, at_most, setting


@attrs.frozen(kw_only=True)
class HistoryOptions:
    """How far back `history` looks."""

    earlier: int = setting(7, "positions before the present one that are shown", at_least(1), at_most(64))
