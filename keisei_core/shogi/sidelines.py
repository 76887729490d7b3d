"""Positions beside the games: one random move away from positions that were played."""

import numpy as np

from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.crew import share_rows
from keisei_core.shogi.games import flat
from keisei_core.shogi.legal import find_legal
from keisei_core.shogi.positions import Positions, UInt8Array
from keisei_core.shogi.rules.scratch import new_scratch
from keisei_core.shogi.rules.sideline import play_random


def random_sidelines(
    positions: Positions, legal: UInt8Array, random: np.random.Generator
) -> tuple[Positions, UInt8Array]:
    """Plays one random legal move in every position.

    Args:
        positions: N positions, each with a legal move; they stay as they are.
        legal: uint8 [N, 2187], their legal moves.
        random: draws the moves.

    Returns:
        The N positions after it, whose `repetition` is 0 and which have the given ones as the first before them where
        those have a history, and their legal moves, uint8 [N, 2187].
    """
    after = Positions.from_arrays({name: array.copy() for name, array in positions.arrays().items()})
    streams = random.integers(1, 2**64, len(positions), np.uint64)
    masks = np.require(legal, np.uint8, ["C"])

    def play(rows: slice) -> None:
        play_random(flat(after[rows]), masks[rows].reshape(-1), streams[rows], new_scratch().rows)

    share_rows(len(positions), 128, play)
    legal_after = np.empty((len(positions), NUM_ACTIONS), np.uint8)
    after.in_check[:] = find_legal(after, legal_after)[1]
    after.repetition[:] = 0
    return after, legal_after
