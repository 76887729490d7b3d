"""What two plies show: moves that mate, and moves that leave no piece to be taken.

A move is sound if it mates; where none mates, if no reply to it mates and what it wins on the spot less what the best
reply wins back is nearly as good as the best such move's. By rules and material, not a search at play.

Shape key: M positions, A = 2,187 actions.
"""

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi import PIECE_VALUES, Positions, exchanges_and_mates, find_mates


@attrs.frozen(eq=False)
class SoundMoves:
    """Which moves of some positions are sound, and in which of them one mates."""

    sound: NDArray[np.bool_]
    """bool [M, A], at least one in each position with a legal move."""
    has_mate: NDArray[np.bool_]
    """bool [M]; there the sound moves are those that mate."""


def find_sound(positions: Positions, legal: NDArray[np.uint8], margin: int) -> SoundMoves:
    """Finds the sound moves.

    Args:
        positions: M positions.
        legal: uint8 [M, A], their legal moves.
        margin: how much less than the best, in pawns of the material balance, a sound move may come to.
    """
    mates = find_mates(positions, legal).astype(np.bool_)
    exchanges, mated = exchanges_and_mates(positions, legal, PIECE_VALUES)
    safe = (legal != 0) & (mated == 0)
    allowed = np.where(safe.any(axis=1, keepdims=True), safe, legal != 0)
    gains = np.where(allowed, exchanges, np.iinfo(np.int32).min // 2)
    near_best = gains >= gains.max(axis=1, keepdims=True) - margin
    has_mate: NDArray[np.bool_] = np.logical_or.reduce(mates, axis=1)
    return SoundMoves(np.where(has_mate[:, None], mates, near_best & allowed), has_mate)
