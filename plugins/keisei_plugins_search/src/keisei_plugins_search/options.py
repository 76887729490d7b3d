"""Options of the search; imports neither torch nor numba."""

import attrs

from keisei_core.config import above, at_least, at_most, network_path, setting


@attrs.frozen(kw_only=True)
class SearchOptions:
    """Options of the player `search`."""

    network: str = network_path("a run, whose newest good checkpoint plays, a checkpoint, or an exported network")
    simulations: int = setting(64, "positions looked at before each move", at_least(1), at_most(1_000_000))
    leaves: int = setting(
        1,
        "positions of a game that the network sees at once: faster for a single game, a little worse",
        at_least(1),
        at_most(256),
    )
    c_puct: float = setting(1.25, "how much the policy counts beside the values found", at_least(0), at_most(100))
    fpu: float = setting(
        0.3, "how much less than its position a move not yet looked at is taken to be worth", at_least(0), at_most(2)
    )
    discount: float = setting(
        0.997, "of a value per ply: the one that the network was trained with", above(0), at_most(1)
    )
    moves: int = setting(48, "likeliest moves of a position that are looked at", at_least(2), at_most(255))
    at_once: int = setting(256, "games searched side by side", at_least(1), at_most(4096))
