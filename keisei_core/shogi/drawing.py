"""Moves drawn from the outputs of a network that is on the CPU, without the dozen operations that torch has for it.

Shape key: B positions, A = 2,187 actions.
"""

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi.crew import the_crew
from keisei_core.shogi.rules.drawing import draw_all
from keisei_core.shogi.tables import Float32Array


def draw_moves(
    logits: Float32Array, legal: NDArray[np.bool_], shares: Float32Array
) -> tuple[Float32Array, Float32Array]:
    """Draws a legal move for each position, as likely as a network has it; what a row gets depends on no other.

    Args:
        logits: float32 [B, A].
        legal: bool [B, A], True = legal, at least one in each row.
        shares: float32 [B], random numbers from 0 to below 1.

    Returns:
        The actions, which float32 holds exactly, and their log-probabilities over the legal moves, float32 [B] both;
        the latter nan where the logit of a legal move is, or is infinite.
    """
    actions, log_probs = np.empty(len(shares), np.float32), np.empty(len(shares), np.float32)
    masks = np.require(legal.view(np.uint8), None, ["C", "W"])
    arrays = (np.require(array, np.float32, ["C", "W"]) for array in (logits, shares))
    outputs, numbers = arrays
    draw_all(the_crew(), outputs.reshape(-1), masks.reshape(-1), numbers, actions, log_probs)
    return actions, log_probs
