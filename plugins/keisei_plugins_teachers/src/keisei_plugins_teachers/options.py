"""Options of the teachers; imports no torch."""

from typing import Any

import attrs

from keisei_core.config import above, at_least, at_most, path_setting, setting


def where_mates_count(options: Any, _: object, side_mates: float) -> None:
    """Refuses mates beside the games that would count for nothing."""
    if side_mates and not options.mate_weight:
        raise ValueError(f"must be 0 where mate_weight is 0, got {side_mates}")


@attrs.frozen(kw_only=True)
class TacticsOptions:
    """Options of the teacher `tactics`."""

    weight: float = setting(2.0, "of its loss at the start", at_least(0))
    final_weight: float = setting(2.0, "of its loss at the end of the run, reached linearly; 0 retires it", at_least(0))
    plies: float = setting(
        1.0,
        "share of the plies that lessons are found for, drawn anew for every segment; each counts the more for that",
        above(0),
        at_most(1),
    )
    margin: int = setting(
        4, "pawns of the material balance that a sound move may come to less than the best", at_least(0), at_most(100)
    )
    mate_weight: float = setting(5.0, "how much more a position with a mate in one counts", at_least(0))
    side_mates: float = setting(
        0.0,
        "positions with a mate in one beside the games that are taught along, as a share of a minibatch",
        at_least(0),
        at_most(10),
        where_mates_count,
    )


@attrs.frozen(kw_only=True)
class DistillOptions:
    """Options of the teacher `distill`."""

    network: str = path_setting("whose policy and value are taught: a run, a checkpoint, or an exported network")
    weight: float = setting(1.0, "of its loss at the start", at_least(0))
    final_weight: float = setting(1.0, "of its loss at the end of the run, reached linearly; 0 retires it", at_least(0))
    value_weight: float = setting(1.0, "of the value's loss beside the policy's; 0 teaches no values", at_least(0))
    temperature: float = setting(
        1.0, "the network's logits are divided by it: below 1 sharpens what is taught", above(0), at_most(10)
    )
    moves: int = setting(
        32, "moves kept of each position, the likeliest; their probabilities are scaled to 1", at_least(1), at_most(593)
    )
