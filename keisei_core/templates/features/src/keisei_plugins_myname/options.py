"""The keys of `[input.myname]`; imports nothing heavy."""

import attrs

from keisei_core.config import at_least, at_most, setting


@attrs.frozen(kw_only=True)
class MynameOptions:
    """How far the planes look."""

    reach: int = setting(8, "squares further from a king than this count as this far", at_least(1), at_most(8))
