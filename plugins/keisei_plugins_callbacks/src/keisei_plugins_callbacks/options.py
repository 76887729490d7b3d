"""Options of the callbacks."""

import attrs

from keisei_core.config import at_least, at_most, setting


@attrs.frozen(kw_only=True)
class SightOptions:
    """Options of the callback `tactics`."""

    every_updates: int = setting(1, "counts after every so many updates", at_least(1))
    positions: int = setting(
        1024, "positions of the update's games that are looked at", at_least(1), at_most(1_000_000)
    )
