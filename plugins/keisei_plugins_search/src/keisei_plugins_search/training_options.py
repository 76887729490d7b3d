"""Options of what trains by searching, the decider and the teacher; imports neither torch nor numba."""

import attrs

from keisei_core.config import above, at_least, at_most, one_of, setting


@attrs.frozen(kw_only=True)
class TrainingSearchOptions:
    """How positions are searched for learning, and what is made of it."""

    algorithm: str = setting("puct", "how moves are chosen in a tree: puct or gumbel", one_of("puct", "gumbel"))
    simulations: int = setting(32, "positions looked at in each search", at_least(1), at_most(10_000))
    target: str = setting(
        "completed",
        "the policy that a search is worth: completed (the network's, changed by what moves are worth), visits (their "
        "shares) or regularised (what the visits tend to)",
        one_of("completed", "visits", "regularised"),
    )
    c_puct: float = setting(1.25, "puct: how much the policy counts beside the values found", at_least(0), at_most(100))
    fpu: float = setting(
        0.3,
        "puct: how much less than its position a move not yet looked at is taken to be worth",
        at_least(0),
        at_most(2),
    )
    candidates: int = setting(16, "gumbel: moves of the root that it begins with, at most", at_least(1), at_most(255))
    c_scale: float = setting(
        0.5, "gumbel and completed: how much a worth of -1 to 1 changes the policy", above(0), at_most(100)
    )
    discount: float = setting(0.997, "of a value per ply: the algorithm's", above(0), at_most(1))
    moves: int = setting(48, "likeliest moves of a position that are looked at", at_least(2), at_most(255))
    mate_nodes: int = setting(
        0,
        "positions looked at for a mate by checks in each root; 0 finds mates in one alone",
        at_least(0),
        at_most(100_000),
    )


@attrs.frozen(kw_only=True)
class SearchDeciderOptions(TrainingSearchOptions):
    """Options of the decider `search`."""

    share: float = setting(
        0.25, "of the plies that are searched; the others are drawn from the policy", at_least(0), at_most(1)
    )
    noise: float = setting(
        0.25, "puct: how much of the root's probabilities is noise; gumbel always has its own", at_least(0), at_most(1)
    )
    temperature: float = setting(1.0, "of what moves are drawn from, at the first ply", above(0), at_most(10))
    final_temperature: float = setting(1.0, "the same from ply temperature_plies on", above(0), at_most(10))
    temperature_plies: int = setting(30, "after which the temperature stays, reached linearly", at_least(1))
    drawn_plies: int = setting(
        30, "of a game in which a searched move is drawn from what was found; later the best is played", at_least(0)
    )
    resign_below: float = setting(
        -1.0, "value of a search at which the game is given up; -1: never", at_least(-1), at_most(0)
    )


@attrs.frozen(kw_only=True)
class SearchTeacherOptions(TrainingSearchOptions):
    """Options of the teacher `search`."""

    weight: float = setting(1.0, "of its loss at the start", at_least(0))
    final_weight: float = setting(1.0, "of its loss at the end of the run, reached linearly; 0 retires it", at_least(0))
    value_weight: float = setting(0.5, "of the value's loss beside the policy's; 0 teaches no values", at_least(0))
    result: float = setting(
        0.0, "how much of the value's target is the game's result, where the segment shows it", at_least(0), at_most(1)
    )
    surprise: float = setting(
        0.5,
        "how much of a ply's weight goes by how far the search is from the policy; the rest is the same for all",
        at_least(0),
        at_most(1),
    )
    played: bool = setting(True, "teaches what the decider search found at play; false needs no such decider")
    again: float = setting(
        0.0, "share of the plies that are searched now, by the weights of today", at_least(0), at_most(1)
    )
