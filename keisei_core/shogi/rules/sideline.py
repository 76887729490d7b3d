"""Leaving a game's line for one random move."""

from keisei_core.shogi.compile import kernel, signed
from keisei_core.shogi.positions import NUM_SQUARES, UInt8Array
from keisei_core.shogi.rules.checks import Workspace
from keisei_core.shogi.rules.flights import Flights, lets_mate, mark_flights
from keisei_core.shogi.rules.games import LEAVE, PositionArrays, draw
from keisei_core.shogi.rules.generate import BOTH_HANDS
from keisei_core.shogi.rules.hashing import NO_KEY
from keisei_core.shogi.rules.history import remember
from keisei_core.shogi.rules.listing import Int16Array, list_row
from keisei_core.shogi.rules.play import apply, note_move
from keisei_core.shogi.tables import Int32Array, UInt64Array


@kernel
def play_moves(positions: PositionArrays, actions: Int32Array, rows: UInt8Array) -> None:
    """Plays a legal move in every position, -1 none.

    Args:
        positions: N positions, overwritten; `in_check` and `repetition` are left as they were.
        actions: int32 [N].
        rows: working memory, `Scratch.rows`.
    """
    for row in range(len(actions)):
        action = signed(actions[row])
        if action == LEAVE:
            continue
        if len(positions.history):
            remember(positions.history, positions.board, positions.hands, positions.repetition, row)
        origin, _ = apply(positions.board, positions.hands, row, action, signed(0), NO_KEY, rows)
        note_move(positions.last_moves, row, origin, action % NUM_SQUARES)
        positions.side_to_move[row] = 1 - positions.side_to_move[row]
        positions.ply[row] += 1


@kernel
def find_blunders(
    boards: UInt8Array,
    hands: UInt8Array,
    legal: UInt8Array,
    streams: UInt64Array,
    blunders: Int32Array,
    moves: Int16Array,
    flights: Flights,
    work: Workspace,
    reply_work: Workspace,
) -> None:
    """Draws moves at random and keeps those that a mate in one answers.

    Args:
        boards, hands, legal: N positions, and their legal moves.
        streams: uint64 [X * N], random streams, none of them 0: X draws for each position, all first ones first.
        blunders: int32 [X * N], gets the moves drawn, -1 where nobody mates or there was none to draw.
        moves: int16 [640], working memory, as `flights`, `work` and `reply_work` are.
    """
    num_positions = len(hands) // BOTH_HANDS
    for row in range(num_positions):
        num_legal = list_row(legal, signed(row), moves, signed(0))
        mark_flights(boards, hands, signed(row), work.scratch, flights)
        for place in range(row, len(streams), num_positions):
            blunders[place] = LEAVE
            if num_legal:
                action = signed(moves[draw(streams, place, num_legal)])
                if lets_mate(boards, hands, signed(row), action, flights, work, reply_work):
                    blunders[place] = action
