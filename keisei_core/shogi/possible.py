"""What no game of Shogi could have left on a board: too many pieces, two pawns on a file, a king that can be taken.

Shape key: N positions, 81 squares.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.errors import SfenError
from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.legal import find_legal
from keisei_core.shogi.positions import (
    HAND_LETTERS,
    NUM_SQUARES,
    OPPONENT,
    WHITE,
    Positions,
    UInt8Array,
    turn_board,
)
from keisei_core.shogi.tables import KIND_IN_HAND, KING, MIN_RANK, NUM_CODES, PAWN

MAX_IN_GAME: Final = (18, 4, 4, 4, 2, 2, 4)
"""Pieces of each kind in a full set, in `HAND_LETTERS` order."""

COLOURS: Final = np.array(["black", "white"])
_RANKS: Final = np.arange(NUM_SQUARES) % 9
_IS_ORDINARY: Final = np.isin(np.arange(NUM_CODES), (0, KING, KING + OPPONENT), invert=True)
"""By piece code: neither an empty square nor a king."""


def check_possible(positions: Positions, written: Callable[[int], str], *, is_problem: bool = False) -> None:
    """Refuses positions that no game could have left; reads board, hands and side to move.

    Args:
        positions: N positions.
        written: how the position in a row is shown in the complaint; asked only where it can be written as SFEN.
        is_problem: one of the kings may be missing, as problems to be solved by mate leave out the attacker's.

    Raises:
        SfenError: names the first wrong position, and why it is impossible.
    """
    _check_codes(positions)
    side = positions.side_to_move
    least_kings = np.zeros(len(positions), np.int64) if is_problem else np.ones(len(positions), np.int64)
    least_kings |= ~np.isin(positions.board, (KING, KING + OPPONENT)).any(axis=1)
    _check_side(positions.board, COLOURS[side], least_kings, written)
    _check_side(turn_board(positions.board), COLOURS[1 - side], least_kings, written)
    _check_numbers(positions, written)
    _check_kings(positions, written)


def _refuse(is_wrong: NDArray[np.bool_], expected: str, written: Callable[[int], str], **details: NDArray[Any]) -> None:
    """Raises for the first wrong row.

    Args:
        is_wrong: bool [N].
        expected: what was, with the names of details in braces.
        written: see `check_possible`.
        details: [N] each, of every row.
    """
    for row in map(int, np.flatnonzero(is_wrong)):
        filled = expected.format(**{name: values[row] for name, values in details.items()})
        raise SfenError(f"expected {filled}: {written(row)!r}")


def _check_codes(positions: Positions) -> None:
    """Refuses what is no piece and no side at all."""
    board, side = positions.board, positions.side_to_move
    for name, array, most in (("piece codes", board, 2 * OPPONENT), ("a side to move", side, WHITE)):
        if (array > most).any():
            raise SfenError(f"expected {name} from 0 to {most}, got {array.max()}")


def _check_side(
    own: UInt8Array, colour: NDArray[np.str_], least_kings: NDArray[np.int64], written: Callable[[int], str]
) -> None:
    """Refuses what one side could not have on the board.

    Args:
        own: uint8 [N, 81], boards as that side sees them.
        colour: str [N], which side it is.
        least_kings: int64 [N], kings that it has at least.
        written: see `check_possible`.
    """
    pieces = np.where(own <= OPPONENT, own, 0)
    kings, files = (pieces == KING).sum(axis=1), pieces.reshape(-1, 9, 9)
    is_wrong = (kings < least_kings) | (kings > 1)
    _refuse(is_wrong, "one {colour} king, got {kings}", written, colour=colour, kings=kings)
    is_stuck: NDArray[np.bool_] = np.logical_or.reduce(MIN_RANK[pieces] > _RANKS, axis=1)
    stuck = "every {colour} piece to have a move left, got one on its last ranks"
    _refuse(is_stuck, stuck, written, colour=colour)
    has_two: NDArray[np.bool_] = np.logical_or.reduce((files == PAWN).sum(axis=2) > 1, axis=1)
    _refuse(has_two, "at most one {colour} pawn on each file, got more", written, colour=colour)


def _check_numbers(positions: Positions, written: Callable[[int], str]) -> None:
    """Refuses more pieces of a kind than a set has."""
    for kind, most in enumerate(MAX_IN_GAME):
        on_board = (_IS_ORDINARY & (kind == KIND_IN_HAND))[positions.board].sum(axis=1)
        total = on_board + positions.hands[:, :, kind].sum(axis=1, dtype=np.int64)
        _refuse(total > most, f"at most {most} {HAND_LETTERS[kind]}, got {{total}}", written, total=total)


def _check_kings(positions: Positions, written: Callable[[int], str]) -> None:
    """Refuses positions whose mover could take the king."""
    turned = Positions.empty(len(positions))
    turned.board[:], turned.hands[:] = turn_board(positions.board), positions.hands[:, ::-1]
    _, is_attacked = find_legal(turned, np.empty((len(positions), NUM_ACTIONS), np.uint8))
    _refuse(is_attacked > 0, "the player not to move to be out of check, got a king that can be taken", written)
