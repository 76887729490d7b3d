"""Options of the optimiser `muon`; imports no torch."""

import attrs

from keisei_core.config import above, at_least, at_most, setting


@attrs.frozen(kw_only=True)
class MuonOptions:
    """Options of the optimiser `muon`."""

    learning_rate: float = setting(3e-3, "step size at the start", above(0), at_most(1))
    final_learning_rate: float = setting(3e-4, "step size at the end, reached linearly", above(0), at_most(1))
    warm_up: float = setting(
        0.0, "share of the run in which the step size rises from next to nothing", at_least(0), at_most(0.5)
    )
    momentum: float = setting(
        0.95, "share of the averaged gradient of a matrix that a step keeps", at_least(0), at_most(0.999)
    )
    epsilon: float = setting(1e-5, "added to the root of the second moment of what is no matrix", above(0))
