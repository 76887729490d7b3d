"""Moves drawn from the outputs of a network, by the process's threads."""

import math
from typing import Final

import numpy as np

from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.compile import inner, kernel, signed
from keisei_core.shogi.positions import UInt8Array
from keisei_core.shogi.rules.listing import WIDTH, list_row
from keisei_core.shogi.rules.tasks import room
from keisei_core.shogi.rules.threads import share
from keisei_core.shogi.tables import Float32Array, Int64Array

FAST_ROWS: Final = 8
"""Rows that a thread takes at once."""
MOVES_BYTES: Final = 2 * WIDTH
SUMS_BYTES: Final = 8 * WIDTH


@inner
def draw_rows(
    low: int,
    high: int,
    logits: Float32Array,
    legal: UInt8Array,
    shares: Float32Array,
    actions: Float32Array,
    log_probs: Float32Array,
) -> None:
    """Draws in the positions `low` to `high - 1`; adds up in float64."""
    moves, sums = room(MOVES_BYTES).view(np.int16), room(SUMS_BYTES).view(np.float64)
    for row in range(low, high):
        first, num_moves = row * NUM_ACTIONS, list_row(legal, signed(row), moves, signed(0))
        highest = -math.inf
        for place in range(num_moves):
            highest = max(highest, float(logits[first + moves[place]]))
        total = 0.0
        for place in range(num_moves):
            total += math.exp(logits[first + moves[place]] - highest)
            sums[place] = total
        aim, chosen = total * (1.0 - shares[row]), signed(0)
        while chosen < num_moves - 1 and sums[chosen] < aim:
            chosen += 1
        actions[row] = moves[chosen]
        log_probs[row] = logits[first + moves[chosen]] - highest - math.log(total)


@kernel
def draw_all(
    crew: Int64Array,
    logits: Float32Array,
    legal: UInt8Array,
    shares: Float32Array,
    actions: Float32Array,
    log_probs: Float32Array,
) -> None:
    """Draws a legal move for each position: where the sum of probabilities comes to 1 less a random share.

    Args:
        crew: what the threads share.
        logits: float32 [B * 2187].
        legal: uint8 [B * 2187], 1 = legal, 0 elsewhere.
        shares: float32 [B], 0 to below 1.
        actions, log_probs: float32 [B], overwritten.
    """
    share(crew, len(shares), FAST_ROWS, draw_rows, (logits, legal, shares, actions, log_probs))
