"""What taking on a square wins in the end: static exchange evaluation.

Both sides take with the least they have, one after the other, as long as it pays; sliding pieces behind others join in,
and pieces that may promote do. A pinned piece takes along its line only, and a king only what nobody guards.
"""

from typing import NamedTuple

import numpy as np

from keisei_core.shogi.compile import inner, signed, unsigned
from keisei_core.shogi.positions import NUM_SQUARES, OPPONENT, UInt8Array
from keisei_core.shogi.tables import (
    ATTACKS_FAR,
    ATTACKS_NEXT,
    DELTA,
    DIRECTION_TO,
    KNIGHT,
    KNIGHT_ORIGINS,
    NUM_CODES,
    NUM_LINES,
    PROMOTED,
    RANK,
    RAY_LENGTH,
    ROW,
    Int64Array,
)

MOVER, WAITER = 0, 1
NOBODY = -1
MOST = 1 << 20
"""What a king counts among those that may take: he comes last."""
MAX_SWAPS = 40
"""As many as there are pieces."""


class Swaps(NamedTuple):
    """Working memory for exchanges on one position; one for each thread."""

    board: UInt8Array
    """uint8 [96], the position with a tail of zeros; pieces are taken on it."""
    kings: Int64Array
    """int64 [2], squares of the mover's and the waiter's king, `NO_KING` where there is none."""
    won: Int64Array
    """int64 [40], what each capture of an exchange wins on the spot."""
    captures: Int64Array
    """int64 [29], what taking a piece is worth, by its code, the same for both sides' pieces."""
    promotions: Int64Array
    """int64 [29], what promoting a piece is worth, likewise."""
    seen: UInt8Array
    """uint8 [96], gets 1 on every square that an exchange depends on; cleared by whoever reads it."""


def new_swaps() -> Swaps:
    """Makes working memory for one thread; `set_values` is to be called before it is used."""
    return Swaps(
        np.zeros(ROW, np.uint8),
        np.zeros(2, np.int64),
        np.zeros(MAX_SWAPS, np.int64),
        np.zeros(NUM_CODES, np.int64),
        np.zeros(NUM_CODES, np.int64),
        np.zeros(ROW, np.uint8),
    )


@inner
def set_values(swaps: Swaps, captures: Int64Array, promotions: Int64Array) -> None:
    """Notes what pieces are worth, see `gain_of`, for both sides."""
    for kind in range(1, OPPONENT + 1):
        for code in (kind, kind + OPPONENT):
            swaps.captures[code] = captures[kind + OPPONENT]
            swaps.promotions[code] = promotions[kind]


@inner
def set_board(swaps: Swaps, board: UInt8Array) -> None:
    """Notes a board, uint8 [81]."""
    for square in range(unsigned(NUM_SQUARES)):
        swaps.board[square] = board[square]


@inner
def is_pinned(swaps: Swaps, origin: int, square: int, king: int, side: int) -> bool:
    """Tells whether a piece of a side would open a line to its king by going to a square."""
    board = swaps.board
    home = signed(DIRECTION_TO[origin, king])
    if home >= NUM_LINES or home == DIRECTION_TO[square, king]:
        return False
    seen = origin + signed(DELTA[home])
    while seen != king:
        swaps.seen[seen] = 1
        if board[seen]:
            return False
        seen += signed(DELTA[home])
    away = signed(DIRECTION_TO[king, origin])
    seen = origin
    for _ in range(RAY_LENGTH[origin, away]):
        seen += signed(DELTA[away])
        swaps.seen[seen] = 1
        code = signed(board[seen])
        if code:
            is_others = (code > OPPONENT) == (side == MOVER)
            return seen != square and is_others and (ATTACKS_FAR[code] >> away) & 1 != 0
    return False


@inner
def least_attacker(swaps: Swaps, square: int, side: int, heeds_pins: bool) -> int:
    """Returns where the least valuable piece of a side stands that may take on a square; its king, if nobody else may.

    Of equals it is the one found first: along the lines in their order, then the knights. `NOBODY` if there is none.
    """
    board, king = swaps.board, signed(swaps.kings[side])
    least, origin = signed(MOST + 1), signed(NOBODY)
    swaps.seen[square] = 1
    for line in range(NUM_LINES):
        seen = square
        for distance in range(RAY_LENGTH[square, line]):
            seen += signed(DELTA[line])
            swaps.seen[seen] = 1
            code = signed(board[seen])
            if code == 0:
                continue
            attacks = ATTACKS_NEXT[code] if distance == 0 else ATTACKS_FAR[code]
            if (code > OPPONENT) == (side == WAITER) and (attacks >> line) & 1:
                worth = signed(MOST) if seen == king else signed(swaps.captures[code])
                if worth < least and not (heeds_pins and seen != king and is_pinned(swaps, seen, square, king, side)):
                    least, origin = worth, seen
            break
    knight = KNIGHT + side * OPPONENT
    for jump in range(2):
        seen = signed(KNIGHT_ORIGINS[side, square, jump])
        swaps.seen[seen] = 1
    if swaps.captures[knight] < least:
        for jump in range(2):
            seen = signed(KNIGHT_ORIGINS[side, square, jump])
            if board[seen] == knight and not (heeds_pins and is_pinned(swaps, seen, square, king, side)):
                return seen
    return origin


@inner
def take(swaps: Swaps, origin: int, square: int) -> int:
    """Moves a piece to a square, promoted if it may be, and returns what that wins on the spot."""
    board = swaps.board
    code, won = signed(board[origin]), signed(swaps.captures[board[square]])
    near, far = signed(RANK[origin]), signed(RANK[square])
    is_in_zone = min(near, far) < 3 if code <= OPPONENT else max(near, far) > 5
    if is_in_zone and swaps.promotions[code] > 0:
        won += signed(swaps.promotions[code])
        code += PROMOTED
    board[origin] = 0
    board[square] = code
    return won


@inner
def exchange_on(swaps: Swaps, square: int, side: int) -> int:
    """Returns what a side wins in the end, at least 0, if it may take first on a square; uses the board up."""
    num, won = signed(0), swaps.won
    while True:
        origin, other = least_attacker(swaps, square, side, True), MOVER + WAITER - side
        if origin < 0 or (origin == swaps.kings[side] and least_attacker(swaps, square, other, False) >= 0):
            break
        won[num] = take(swaps, origin, square)
        num += 1
        side = other
    value = signed(0)
    while num > 0:
        num -= 1
        value = max(signed(0), signed(won[num]) - value)
    return value
