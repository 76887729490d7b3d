"""Actions as USI text ("7g7f", "8h2b+", "P*5e"), in and out."""

import numpy as np

from keisei_core.errors import IllegalMoveError
from keisei_core.shogi.actions import DROPS, NUM_ACTIONS, PROMOTIONS
from keisei_core.shogi.legal import legal_mask
from keisei_core.shogi.positions import BLACK, HAND_LETTERS, NUM_SQUARES, Positions
from keisei_core.shogi.rules.play import find_origin
from keisei_core.shogi.sfen import format_sfen


def square_to_usi(square: int, side: int) -> str:
    """Names a square of the view of `side` as on the board, for example "7g"."""
    file, rank = divmod(square if side == BLACK else NUM_SQUARES - 1 - square, 9)
    return f"{file + 1}{'abcdefghi'[rank]}"


def action_to_usi(positions: Positions, action: int, row: int = 0) -> str:
    """Writes an action, legal in the position in `row`, as USI.

    Raises:
        IllegalMoveError: The action is not legal.
    """
    position = positions[row : row + 1]
    if not (0 <= action < NUM_ACTIONS and legal_mask(position)[0, action]):
        raise IllegalMoveError(
            f"expected a legal action, got {describe_action(action)} in sfen {format_sfen(position)!r}"
        )
    return _format(position, int(action))


def describe_action(action: int) -> str:
    """Names an action, legal or not, by number, plane and destination (mover's view)."""
    if not 0 <= action < NUM_ACTIONS:
        return f"{action}, outside 0..{NUM_ACTIONS - 1}"
    plane, destination = divmod(action, NUM_SQUARES)
    return f"{action} (plane {plane}, file {destination // 9 + 1} rank {destination % 9 + 1} as the mover sees it)"


def _format(position: Positions, action: int) -> str:
    plane, destination = divmod(action, NUM_SQUARES)
    side = int(position.side_to_move[0])
    target = square_to_usi(destination, side)
    if plane >= DROPS:
        return f"{HAND_LETTERS[plane - DROPS]}*{target}"
    origin = find_origin(position.board.reshape(-1), 0, action)
    return square_to_usi(origin, side) + target + ("+" if plane >= PROMOTIONS else "")


def usi_to_action(positions: Positions, usi: str, row: int = 0) -> int:
    """Reads a legal move of the position in `row`.

    Raises:
        IllegalMoveError: The text is no move, or the move is not legal there.
    """
    position = positions[row : row + 1]
    for action in np.flatnonzero(legal_mask(position)[0]):
        if _format(position, int(action)) == usi:
            return int(action)
    raise IllegalMoveError(f"expected a legal move in usi, got {usi!r} in sfen {format_sfen(position)!r}")
