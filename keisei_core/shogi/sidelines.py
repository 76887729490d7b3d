"""Positions beside the games: one random move away from positions that were played.

Shape key: N positions, L of them found, A = 2,187 actions.
"""

from typing import Final

import numpy as np

from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.crew import share_rows
from keisei_core.shogi.games import flat
from keisei_core.shogi.legal import find_legal, legal_mask
from keisei_core.shogi.mates import MEMORY, find_mates, flat_positions, part
from keisei_core.shogi.positions import Positions, UInt8Array
from keisei_core.shogi.rules.games import sample_games
from keisei_core.shogi.rules.scratch import new_scratch
from keisei_core.shogi.rules.sideline import find_blunders, play_moves
from keisei_core.shogi.tables import Int32Array

FAST_ROWS: Final = 128
SLOW_ROWS: Final = 16
"""Rows that a thread takes at once: of work that plays a move, and of work that tries checks after some."""


def random_sidelines(
    positions: Positions, legal: UInt8Array, random: np.random.Generator
) -> tuple[Positions, UInt8Array]:
    """Plays one random legal move in every position.

    Args:
        positions: N positions, each with a legal move; they stay as they are.
        legal: uint8 [N, A], their legal moves.
        random: draws the moves.

    Returns:
        The N positions after it, whose `repetition` is 0 and which have the given ones as the first before them where
        those have a history, and their legal moves, uint8 [N, A].
    """
    streams, actions = random.integers(1, 2**64, len(positions), np.uint64), np.empty(len(positions), np.int32)
    masks = np.require(legal, np.uint8, ["C", "W"])
    sample_games(masks.reshape(-1), masks.sum(axis=1, dtype=np.int32), streams, actions)
    return played(positions, actions)


def played(positions: Positions, actions: Int32Array) -> tuple[Positions, UInt8Array]:
    """Plays a legal move in every position, int32 [N], -1 none; see `random_sidelines`."""
    after = Positions.from_arrays({name: array.copy() for name, array in positions.arrays().items()})

    def play(rows: slice) -> None:
        play_moves(flat(after[rows]), actions[rows], new_scratch().rows)

    share_rows(len(positions), FAST_ROWS, play)
    legal_after = np.empty((len(positions), NUM_ACTIONS), np.uint8)
    after.in_check[:] = find_legal(after, legal_after)[1]
    after.repetition[:] = 0
    return after, legal_after


def mates_beside(positions: Positions, num_tries: int, random: np.random.Generator) -> tuple[Positions, UInt8Array]:
    """Finds positions with a mate in one among those that are one random move away from given ones.

    Args:
        positions: N positions; they stay as they are.
        num_tries: random moves tried in each.
        random: draws them.

    Returns:
        L positions as `random_sidelines` gives them, and the moves that mate there, uint8 [L, A].
    """
    streams = random.integers(1, 2**64, (num_tries, len(positions)), np.uint64)
    blunders = np.empty(streams.shape, np.int32)
    arrays = flat_positions(positions, legal_mask(positions))

    def search(rows: slice) -> None:
        drawn, found = streams[:, rows].flatten(), np.empty(streams[:, rows].size, np.int32)
        find_blunders(
            *part(arrays, rows), drawn, found,
            MEMORY.moves, MEMORY.flights, MEMORY.replies.work, MEMORY.answers.work,
        )  # fmt: skip
        blunders[:, rows] = found.reshape(num_tries, -1)

    share_rows(len(positions), SLOW_ROWS, search)
    tries, rows = np.nonzero(blunders >= 0)
    after, legal_after = played(positions[rows], blunders[tries, rows])
    return after, find_mates(after, legal_after)
