"""Options of the algorithm `zero`."""

import attrs

from keisei_core.config import above, at_least, at_most, setting


@attrs.frozen(kw_only=True)
class ZeroOptions:
    """Learning from searches and results (Silver et al. 2018; Danihelka et al. 2022)."""

    window: int = setting(
        8, "segments kept to be learned from again, the newest among them", at_least(1), at_most(1024)
    )
    passes: int = setting(
        2, "segments learned from in an update: the newest, and others drawn from the window", at_least(1), at_most(100)
    )
    gamma: float = setting(0.997, "discount per ply: the search's", above(0), at_most(1))
    result: float = setting(
        1.0,
        "1: V learns how games ended; below, what searches said of later plies counts as well, 0: of the next alone",
        at_least(0),
        at_most(1),
    )
    policy_coefficient: float = setting(1.0, "weight of the policy's loss", at_least(0))
    value_coefficient: float = setting(1.0, "weight of the value's loss", at_least(0))
