"""The keys of `[tracking.myname]`; imports nothing heavy."""

import attrs

from keisei_core.config import at_least, at_most, setting


@attrs.frozen(kw_only=True)
class MynameOptions:
    """How the table is written."""

    file: str = setting("metrics.csv", "name of the file in the run folder")
    digits: int = setting(6, "significant digits of every number", at_least(1), at_most(17))
