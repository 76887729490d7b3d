"""The declaration by which a player ends a won game once his king is safe in the far ranks."""

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi.mates import flat_positions
from keisei_core.shogi.positions import Positions
from keisei_core.shogi.rules.judge import mark_declarable


def may_declare(positions: Positions) -> NDArray[np.bool_]:
    """Tells whose mover meets the 27-point declaration (CSA's rule); games end by it as soon as he is to move.

    Args:
        positions: N positions, of which board, hands, side to move and the flag of check are read.

    Returns:
        bool [N].
    """
    found = np.zeros(len(positions), np.uint8)
    boards, hands, _ = flat_positions(positions, found)
    mark_declarable(boards, hands, np.ascontiguousarray(positions.side_to_move), found)
    is_declarable: NDArray[np.bool_] = (found > 0) & (positions.in_check == 0)
    return is_declarable
