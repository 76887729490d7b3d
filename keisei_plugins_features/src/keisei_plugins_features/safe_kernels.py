"""Writes the planes of safe squares and hanging pieces: what exchanges on each square come to.

Shape key: as in `kernels`, and S sides: 0 the mover, 1 the opponent.
"""

from typing import Final

import numpy as np

from keisei_core.shogi.compile import inner, kernel, signed, stage, unsigned
from keisei_core.shogi.positions import NUM_SQUARES, OPPONENT, UInt8Array
from keisei_core.shogi.rules.swaps import MOVER, WAITER, Swaps, exchange_on, least_attacker, set_board, take
from keisei_core.shogi.rules.tasks import bind, room
from keisei_core.shogi.tables import (
    ATTACKS_FAR,
    ATTACKS_NEXT,
    DELTA,
    GOLD,
    KING,
    KNIGHT,
    KNIGHT_ORIGINS,
    NO_KING,
    NUM_LINES,
    PAWN,
    RAY_LENGTH,
    ROW,
    Int64Array,
)
from keisei_plugins_features.kernels import PLANE

ANYTHING: Final = 1 << 20
"""More than any piece is worth: where nobody can take."""
SIDE_PLANES: Final = unsigned(3)
"""Planes of each side."""
KINGS_BYTES: Final = 2 * 8
WON_BYTES: Final = 40 * 8
"""See `Swaps`."""


@stage
def _mirrored(square: int) -> int:
    return (8 - square // 9) * 9 + square % 9


@stage
def _find_kings(board: UInt8Array, kings: Int64Array) -> None:
    kings[MOVER], kings[WAITER] = NO_KING, NO_KING
    for square in range(NUM_SQUARES):
        if board[square] == KING:
            kings[MOVER] = square
        elif board[square] == KING + OPPONENT:
            kings[WAITER] = square


@inner
def takers_of(board: UInt8Array, square: int, captures: Int64Array) -> tuple[int, int, bool]:
    """Looks who may come to take part in an exchange on a square: whoever attacks it, and who slides behind these.

    Args:
        board: uint8 [96], with a tail of zeros.
        square: of the board.
        captures: see `encode_safe`; less than 63 each.

    Returns:
        The mover's, as a set of what they are worth; the opponent's; whether two of one side are worth the same.
    """
    own, others, equals = signed(0), signed(0), signed(0)
    for line in range(NUM_LINES):
        seen = square
        for distance in range(RAY_LENGTH[square, line]):
            seen += signed(DELTA[line])
            code = signed(board[seen])
            if code == 0:
                continue
            attacks = ATTACKS_NEXT[code] if distance == 0 else ATTACKS_FAR[code]
            if not (attacks >> line) & 1:
                break
            worth = signed(1) << signed(captures[code])
            if code > OPPONENT:
                equals |= others & worth
                others |= worth
            else:
                equals |= own & worth
                own |= worth
    worth = signed(1) << signed(captures[KNIGHT])
    for jump in range(2):
        if board[KNIGHT_ORIGINS[MOVER, square, jump]] == KNIGHT:
            equals |= own & worth
            own |= worth
        if board[KNIGHT_ORIGINS[WAITER, square, jump]] == KNIGHT + OPPONENT:
            equals |= others & worth
            others |= worth
    return own, others, equals != 0


@inner
def bears(swaps: Swaps, board: UInt8Array, square: int, side: int) -> int:
    """Returns the most that a piece of a side on a square may be worth without being lost there by exchange.

    It is what the side wins back from whoever takes it, less what that one wins by promoting as he takes; `ANYTHING`
    where nobody can take.

    Args:
        swaps: knows the kings and what pieces are worth; its board is used up.
        board: uint8 [96]; what stands on the square itself does not matter.
        square: of the board.
        side: `MOVER` or `WAITER`.
    """
    set_board(swaps, board)
    swaps.board[square] = 0
    other = WAITER - side
    origin = least_attacker(swaps, square, other, True)
    if origin < 0 or (origin == swaps.kings[other] and least_attacker(swaps, square, side, False) >= 0):
        return signed(ANYTHING)
    won = take(swaps, origin, square)
    return exchange_on(swaps, square, side) - won


@inner
def encode_safe(
    low: int,
    high: int,
    board: UInt8Array,
    captures: Int64Array,
    promotions: Int64Array,
    memory: UInt8Array,
    row_stride: int,
) -> None:
    """Marks where a pawn and a gold of each side would be safe, and writes what hanging pieces lose.

    Of equal takers an exchange takes the first it comes to, in an order that tells left from right, and it may matter
    which. Where there are any, the board is looked at mirrored too, and the worse counts: so mirrored positions have
    mirrored planes.

    Args:
        low, high: positions `low` to `high - 1`.
        board: uint8 [N, 81], piece codes.
        captures: int64 [29], what taking a piece wins, by its code, the same for both sides' pieces.
        promotions: int64 [29], what promoting a piece wins, likewise.
        memory: uint8, overwritten.
        row_stride: bytes from one position to the next.
    """
    squares, mirror, spare = room(ROW), room(ROW), room(ROW)
    kings, mirror_kings = room(KINGS_BYTES).view(np.int64), room(KINGS_BYTES).view(np.int64)
    won, seen = room(WON_BYTES).view(np.int64), room(ROW)
    swaps = Swaps(spare, kings, won, captures, promotions, seen)
    mirror_swaps = Swaps(spare, mirror_kings, won, captures, promotions, seen)
    for position in range(unsigned(low), unsigned(high)):
        for square in range(NUM_SQUARES):
            squares[square] = board[position, square]
            mirror[_mirrored(square)] = board[position, square]
        _find_kings(squares, kings)
        _find_kings(mirror, mirror_kings)
        start = position * unsigned(row_stride)
        for offset in range(unsigned(2) * SIDE_PLANES * PLANE):
            memory[start + offset] = 0
        for square in range(NUM_SQUARES):
            code = signed(squares[square])
            if code == KING or code == KING + OPPONENT:
                continue
            own, others, has_equals = takers_of(squares, signed(square), captures)
            for side in range(2):
                most = signed(ANYTHING)
                if (own if side == WAITER else others) != 0:
                    most = bears(swaps, squares, signed(square), signed(side))
                    if has_equals:
                        most = min(most, bears(mirror_swaps, mirror, _mirrored(signed(square)), signed(side)))
                place = start + unsigned(side) * SIDE_PLANES * PLANE + unsigned(square)
                memory[place] = most >= captures[PAWN]
                memory[place + PLANE] = most >= captures[GOLD]
                if code and (code > OPPONENT) == (side == WAITER) and most < captures[code]:
                    memory[place + PLANE + PLANE] = captures[code] - most


@kernel
def bind_safe(
    place: UInt8Array,
    board: UInt8Array,
    captures: Int64Array,
    promotions: Int64Array,
    memory: UInt8Array,
    row_stride: int,
) -> int:
    """Makes a task of `encode_safe`, see `keisei_core.shogi.rules.tasks.bind`."""
    return bind(place, encode_safe, (board, captures, promotions, memory, row_stride))
