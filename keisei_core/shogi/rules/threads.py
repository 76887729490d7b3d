"""Stepping games on several threads: the games are cut into as many ranges, each stepped as on one thread."""

import numpy as np

from keisei_core.shogi.compile import parallel_kernel, parallel_range
from keisei_core.shogi.positions import UInt8Array
from keisei_core.shogi.rules.games import GameArrays, PositionArrays, Rules, step_games
from keisei_core.shogi.rules.scratch import NUM_BYTES, NUM_LISTED, Scratch
from keisei_core.shogi.tables import Float32Array, Int32Array, UInt16Array, UInt64Array


@parallel_kernel
def step_on_threads(
    num_threads: int, actions: Int32Array, resets: bool,
    board: UInt8Array, hands: UInt8Array, side_to_move: UInt8Array, ply: UInt16Array, in_check: UInt8Array,
    repetition: UInt8Array, last_moves: UInt8Array,
    legal: UInt8Array, num_legal: Int32Array, reward: Float32Array, ending: UInt8Array, keys: UInt64Array,
    history: UInt64Array, first_ply: UInt16Array, checks: UInt16Array, streams: UInt64Array,
    final_board: UInt8Array, final_hands: UInt8Array, final_side: UInt8Array, final_ply: UInt16Array,
    final_in_check: UInt8Array, final_repetition: UInt8Array, final_last_moves: UInt8Array,
    start_board: UInt8Array, start_hands: UInt8Array, start_side: UInt8Array, start_ply: UInt16Array,
    start_in_check: UInt8Array, start_repetition: UInt8Array, start_last_moves: UInt8Array,
    min_random_plies: int, max_random_plies: int, max_plies: int,
) -> None:  # fmt: skip
    """Does what `step_games` does, with the games in `num_threads` ranges.

    Takes the fields of its tuples one by one because a parallel loop can't carry tuples; makes them anew inside.
    """
    num_games = len(actions)
    for thread in parallel_range(num_threads):
        rows = np.zeros(NUM_BYTES, np.uint8)
        step_games(
            num_games * thread // num_threads,
            num_games * (thread + 1) // num_threads,
            actions,
            PositionArrays(board, hands, side_to_move, ply, in_check, repetition, last_moves),
            GameArrays(legal, num_legal, reward, ending, keys, history, first_ply, checks, streams),
            PositionArrays(
                final_board, final_hands, final_side, final_ply, final_in_check, final_repetition, final_last_moves
            ),
            Rules(
                PositionArrays(
                    start_board, start_hands, start_side, start_ply, start_in_check, start_repetition, start_last_moves
                ),
                min_random_plies,
                max_random_plies,
                max_plies,
            ),
            resets,
            Scratch(rows, rows.view(np.uint64), np.zeros(NUM_LISTED, np.int64)),
        )
