"""The keys that `[teaching.myname]` understands; imports neither torch nor numpy."""

import attrs

from keisei_core.config import at_least, at_most, setting


@attrs.frozen(kw_only=True)
class MynameOptions:
    """How much is taught."""

    weight: float = setting(0.5, "of its loss at the start", at_least(0))
    final_weight: float = setting(0.0, "of its loss at the end of the run, reached linearly; 0 retires it", at_least(0))
    share: float = setting(1.0, "of the positions with a capture that are taught, drawn anew", at_least(0), at_most(1))
