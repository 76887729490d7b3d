"""Leaving a game's line for one random move."""

from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.compile import kernel, signed, unsigned
from keisei_core.shogi.positions import NUM_SQUARES, UInt8Array
from keisei_core.shogi.rules.games import PositionArrays, sample
from keisei_core.shogi.rules.hashing import NO_KEY
from keisei_core.shogi.rules.history import remember
from keisei_core.shogi.rules.play import apply, note_move
from keisei_core.shogi.tables import UInt64Array


@kernel
def play_random(positions: PositionArrays, legal: UInt8Array, streams: UInt64Array, rows: UInt8Array) -> None:
    """Plays a random legal move in every position that has one.

    Args:
        positions: N positions, overwritten; `in_check` and `repetition` are left as they were.
        legal: uint8 [N * 2187], their legal moves.
        streams: uint64 [N], random streams, none of them 0.
        rows: working memory, `Scratch.rows`.
    """
    for row in range(len(streams)):
        num_legal = signed(0)
        mask = unsigned(row) * unsigned(NUM_ACTIONS)
        for action in range(unsigned(NUM_ACTIONS)):
            num_legal += signed(legal[mask + action])
        if num_legal == 0:
            continue
        action = sample(legal, num_legal, streams, row)
        if len(positions.history):
            remember(positions.history, positions.board, positions.hands, positions.repetition, row)
        origin, _ = apply(positions.board, positions.hands, row, action, signed(0), NO_KEY, rows)
        note_move(positions.last_moves, row, origin, action % NUM_SQUARES)
        positions.side_to_move[row] = 1 - positions.side_to_move[row]
        positions.ply[row] += 1
