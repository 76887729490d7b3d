"""Legal moves of stored positions."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.crew import share_rows, the_crew
from keisei_core.shogi.positions import Positions, UInt8Array
from keisei_core.shogi.rules.generate import generate_all
from keisei_core.shogi.rules.listing import WIDTH, list_moves
from keisei_core.shogi.rules.scratch import new_scratch
from keisei_core.shogi.tables import Int32Array

FAST_ROWS: Final = 256
"""Rows that a thread takes at once."""


def legal_mask(positions: Positions, out: UInt8Array | None = None) -> UInt8Array:
    """Finds the legal moves of stored positions; reads board and hands only.

    Args:
        positions: N positions.
        out: uint8 [N, 2187], C-contiguous, overwritten; made if it is not given.

    Returns:
        uint8 [N, 2187], 1 = legal; `out` if it was given.

    Raises:
        ValueError: `out` has another dtype, shape or memory order.
    """
    num_positions = len(positions)
    if out is None:
        out = np.empty((num_positions, NUM_ACTIONS), np.uint8)
    elif out.dtype != np.uint8 or out.shape != (num_positions, NUM_ACTIONS) or not out.flags.c_contiguous:
        raise ValueError(
            f"out must be uint8 [{num_positions}, {NUM_ACTIONS}], C-contiguous, got {out.dtype} {list(out.shape)}"
        )
    find_legal(positions, out)
    return out


def legal_moves(positions: Positions) -> NDArray[np.int16]:
    """Lists the legal moves of stored positions.

    Args:
        positions: N positions.

    Returns:
        int16 [N, K], the legal actions of each in rising order, then 2187 up to the K of the position that has most.
    """
    legal = np.empty((len(positions), NUM_ACTIONS), np.uint8)
    find_legal(positions, legal)
    return moves_of(legal.view(np.bool_))


def moves_of(legal: NDArray[np.bool_]) -> NDArray[np.int16]:
    """Lists the legal moves that masks tell.

    Args:
        legal: bool [N, A], True = legal.

    Returns:
        int16 [N, K], see `legal_moves`.
    """
    moves, num_legal = np.empty((len(legal), WIDTH), np.int16), np.zeros(len(legal), np.int32)
    flat = np.require(legal.view(np.uint8), None, ["C", "W"]).reshape(-1)
    list_moves(the_crew(), flat, moves.reshape(-1), num_legal)
    return moves[:, : num_legal.max(initial=0)]


def find_legal(positions: Positions, legal: UInt8Array) -> tuple[Int32Array, UInt8Array]:
    """Writes the legal moves of positions into `legal`; returns int32 [N] their number and uint8 [N] the check flag."""
    num_legal = np.zeros(len(positions), np.int32)
    in_check = np.zeros(len(positions), np.uint8)

    def find(rows: slice) -> None:
        # Copies, because a pawn drop is tried on the board itself and stored positions may be read-only or shared.
        boards, hands = positions.board[rows].flatten(), positions.hands[rows].flatten()
        generate_all(boards, hands, legal[rows].reshape(-1), num_legal[rows], in_check[rows], new_scratch())

    share_rows(len(positions), FAST_ROWS, find)
    return num_legal, in_check
