"""The options of the players; imports neither torch nor numba."""

import attrs

from keisei_core.config import at_least, at_most, setting


@attrs.frozen(kw_only=True)
class AlphaBetaOptions:
    """How far `alphabeta` looks, and how often it does not look at all."""

    depth: int = setting(1, "plies looked ahead", at_least(1), at_most(8))
    random_moves: float = setting(0.0, "share of moves that are played at random", at_least(0), at_most(1))
