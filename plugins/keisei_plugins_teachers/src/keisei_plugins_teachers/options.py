"""Options of the teachers."""

import attrs

from keisei_core.config import at_least, at_most, setting


@attrs.frozen(kw_only=True)
class TacticsOptions:
    """Options of the teacher `tactics`."""

    weight: float = setting(2.0, "of its loss at the start", at_least(0))
    final_weight: float = setting(2.0, "of its loss at the end of the run, reached linearly; 0 retires it", at_least(0))
    margin: int = setting(
        4, "pawns of the material balance that a sound move may come to less than the best", at_least(0), at_most(100)
    )
    mate_weight: float = setting(5.0, "how much more a position with a mate in one counts", at_least(0))
    side_mates: float = setting(
        0.0,
        "positions with a mate in one beside the games that are taught along, as a share of a minibatch",
        at_least(0),
        at_most(10),
    )
