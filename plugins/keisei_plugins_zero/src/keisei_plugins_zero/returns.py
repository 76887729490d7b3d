"""What V should be at every ply of a window of segments: how its game ended, or what searches said later on.

Shape key: W segments, T plies, B games.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from keisei_core.experience import Segment

Float32Array = NDArray[np.float32]


def returns(segments: Sequence[Segment], *, gamma: float, result: float) -> list[Float32Array]:
    """Returns the targets of V for the player to move, float32 [T, B] for each segment.

    They are lambda-returns in negamax form, with `result` as lambda and the searches' values instead of V. Games go on
    from one segment to the next. Where a game is cut off, and at the last ply of all, the search's value stands.

    Args:
        segments: W of them, in the order in which they were played, without a gap.
        gamma: discount per ply.
        result: 1 takes what became of the game, 0 what the next search said.
    """
    found: list[Float32Array] = []
    following: tuple[Float32Array, Float32Array] | None = None
    for segment in reversed(segments):
        value = segment.columns["search_value"]
        target = np.empty_like(value)
        for ply in reversed(range(len(value))):
            later = value[ply]
            if following is not None:
                said, came = following
                later = -gamma * ((1 - result) * said + result * came)
            goes_on = np.where(segment.was_cut[ply], value[ply], later)
            has_ended = ~(segment.went_on[ply] | segment.was_cut[ply])
            target[ply] = np.where(has_ended, segment.reward[ply], goes_on)
            following = value[ply], target[ply]
        found.insert(0, target)
    return found
