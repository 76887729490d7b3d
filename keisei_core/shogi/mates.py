"""Mates in one, and what moves win and lose in material within two plies, for many positions at once.

Shape key: N positions.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.positions import OPPONENT, Positions, UInt8Array
from keisei_core.shogi.rules.exchanges import mark_exchanges, mark_mates, new_workspace
from keisei_core.shogi.tables import KIND_IN_HAND, KING, NUM_CODES, PROMOTED, Int64Array


def find_mates(positions: Positions, legal: UInt8Array) -> UInt8Array:
    """Finds the moves that mate at once.

    Args:
        positions: N positions.
        legal: uint8 [N, 2187], their legal moves.

    Returns:
        uint8 [N, 2187], 1 where a legal move mates. A move that leaves no move without giving check, which ends a game
        too but needs a bare king, is not found.
    """
    mates = np.zeros((len(positions), NUM_ACTIONS), np.uint8)
    mark_mates(*flat_positions(positions, legal), mates.reshape(-1), new_workspace())
    return mates


def exchange_values(positions: Positions, legal: UInt8Array, piece_values: Sequence[int]) -> NDArray[np.int32]:
    """Returns what each legal move wins in material on the spot, less the most that a reply to it wins.

    Args:
        positions: N positions.
        legal: uint8 [N, 2187], their legal moves.
        piece_values: worth of the piece codes 0..14, on the board or in hand.

    Returns:
        int32 [N, 2187] in the unit of `piece_values`; 0 where a move is not legal.
    """
    exchanges, _ = _exchanges(positions, legal, piece_values, np.zeros((0, NUM_ACTIONS), np.uint8))
    return exchanges


def exchanges_and_mates(
    positions: Positions, legal: UInt8Array, piece_values: Sequence[int]
) -> tuple[NDArray[np.int32], UInt8Array]:
    """Returns what `exchange_values` does, and uint8 [N, 2187], 1 where a reply to the move would mate."""
    return _exchanges(positions, legal, piece_values, np.zeros((len(positions), NUM_ACTIONS), np.uint8))


def _exchanges(
    positions: Positions, legal: UInt8Array, piece_values: Sequence[int], mated: UInt8Array
) -> tuple[NDArray[np.int32], UInt8Array]:
    exchanges = np.zeros((len(positions), NUM_ACTIONS), np.int32)
    tables, flat = gain_tables(piece_values), flat_positions(positions, legal)
    mark_exchanges(*flat, *tables, exchanges.reshape(-1), mated.reshape(-1), new_workspace(), new_workspace())
    return exchanges, mated


def gain_tables(piece_values: Sequence[int]) -> tuple[Int64Array, Int64Array]:
    """Returns what taking a piece and what promoting one is worth, int64 [29] each by piece code.

    A piece taken is lost to the opponent as it stood on the board, and gained in hand as it was before promotion.
    """
    captures, promotions = np.zeros(NUM_CODES, np.int64), np.zeros(NUM_CODES, np.int64)
    for code in range(1, OPPONENT + 1):
        if code != KING:
            captures[code + OPPONENT] = piece_values[code] + piece_values[KIND_IN_HAND[code] + 1]
        if code < KING and code + PROMOTED <= OPPONENT:
            promotions[code] = piece_values[code + PROMOTED] - piece_values[code]
    return captures, promotions


def flat_positions(positions: Positions, legal: UInt8Array) -> tuple[UInt8Array, UInt8Array, UInt8Array]:
    """Returns boards, hands and legal moves as flat arrays that a kernel takes; copies where they are read-only."""
    arrays = (positions.board, positions.hands, legal)
    flat = (np.require(array, np.uint8, ["C", "W"]).reshape(-1) for array in arrays)
    boards, hands, masks = flat
    return boards, hands, masks
