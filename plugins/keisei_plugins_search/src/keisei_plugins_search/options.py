"""Options of the search; imports neither torch nor numba."""

import attrs

from keisei_core.config import above, at_least, at_most, network_path, one_of, setting


@attrs.frozen(kw_only=True)
class SearchOptions:
    """Options of the player `search`."""

    network: str = network_path("a run, whose newest good checkpoint plays, a checkpoint, or an exported network")
    precision: str = setting(
        "", "name of the precision it plays in; empty: that of its training, fp32 where this machine emulates that"
    )
    simulations: int = setting(64, "positions looked at before each move", at_least(1), at_most(1_000_000))
    leaves: int = setting(
        1,
        "positions of a game that the network sees at once: faster for a single game, a little worse",
        at_least(1),
        at_most(256),
    )
    algorithm: str = setting("puct", "how moves are chosen in the tree", one_of("puct", "gumbel"))
    c_puct: float = setting(1.25, "PUCT: how much the policy counts beside the values found", at_least(0), at_most(100))
    fpu: float = setting(
        0.3,
        "PUCT: how much less than its position a move not yet looked at is taken to be worth",
        at_least(0),
        at_most(2),
    )
    candidates: int = setting(
        16,
        "Gumbel: moves that sequential halving begins with; simulations, if there are fewer",
        at_least(1),
        at_most(255),
    )
    c_visit: float = setting(
        50.0,
        "Gumbel: a worth of 1 adds (c_visit + most visits of a move) * c_scale to a logit",
        at_least(0),
        at_most(1e6),
    )
    c_scale: float = setting(0.5, "Gumbel: see c_visit; worth is -1 to 1", at_least(0), at_most(100))
    discount: float = setting(
        0.997, "of a value per ply: the one that the network was trained with", above(0), at_most(1)
    )
    moves: int = setting(48, "likeliest moves of a position that are looked at", at_least(2), at_most(255))
    mate_nodes: int = setting(
        1_000,
        "positions looked at for a mate by checks before a search; 0: mates in one alone",
        at_least(0),
        at_most(10_000_000),
    )
    leaf_mate_nodes: int = setting(
        0, "the same for each position that a search comes to", at_least(0), at_most(10_000_000)
    )
    at_once: int = setting(
        256, "games searched side by side, fewer where their trees are large", at_least(1), at_most(4096)
    )
    think_leaves: int = setting(
        8, "positions that the network sees at once where a single game is thought about", at_least(1), at_most(256)
    )
    think_nodes: int = setting(
        1_000_000, "positions of a tree that is thought about, some 600 bytes each", at_least(256), at_most(100_000_000)
    )
    think_cache: int = setting(
        65_536, "evaluations kept from tree to tree, some 500 bytes each", at_least(256), at_most(100_000_000)
    )
