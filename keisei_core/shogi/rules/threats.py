"""Which moves change nothing about what the opponent may win: asked once a position, before any move is tried.

Where a mover who passes would lose nothing, none of the opponent's captures and promotions pays, and the squares that
this depends on are known. A move that touches none of them loses nothing either, unless it is the piece moved.
"""

from typing import NamedTuple

import numpy as np

from keisei_core.shogi.actions import DROPS
from keisei_core.shogi.compile import inner, signed, unsigned
from keisei_core.shogi.positions import NUM_SQUARES, OPPONENT, UInt8Array
from keisei_core.shogi.rules.checks import code_after
from keisei_core.shogi.rules.exchanges import EVERYTHING, Exchanges, end_of, list_exchanges
from keisei_core.shogi.rules.flights import Flights
from keisei_core.shogi.rules.play import LAST_SQUARE, find_origin
from keisei_core.shogi.rules.scratch import CODES, STRIDE
from keisei_core.shogi.rules.swaps import MOVER, WAITER, Swaps
from keisei_core.shogi.tables import BISHOP, NO_KING, NUM_LINES, PATH, PATHS, PAWN, RANK, ROOK, SILVER, Int64Array


class Threats(NamedTuple):
    """What moves of one position risk; one for each thread."""

    leaves: UInt8Array
    """uint8 [128], by square: not 0 if a move from there may open something."""
    allowed: Int64Array
    """int64 [81], by square: what taking a piece may be worth that moves there, or is dropped, without a risk."""


def new_threats() -> Threats:
    """Makes working memory for one thread."""
    return Threats(np.zeros(STRIDE, np.uint8), np.zeros(NUM_SQUARES, np.int64))


@inner
def king_may_take(replies: Exchanges, bound: int) -> bool:
    """Tells whether a piece worth more than the bound stands next to the opponent's king, guarded or not."""
    swaps, rows = replies.swaps, replies.work.scratch.rows
    for line in range(NUM_LINES):
        code = signed(rows[CODES + signed(PATHS[(signed(swaps.kings[MOVER]) * NUM_LINES + line) * PATH])])
        if code > OPPONENT and swaps.captures[code] > bound:
            return True
    return False


@inner
def loses_nothing(bound: int, flights: Flights, replies: Exchanges) -> bool:
    """Tells whether nobody wins more than a bound from a mover who passes; notes in `Swaps.seen` what that depends on.

    False too where it can't be told: in check, and where who takes depends on pins or on what the king may take.
    """
    swaps = replies.swaps
    for square in range(unsigned(NUM_SQUARES)):
        replies.work.boards[square] = replies.passed[square]
    num, num_pins = list_exchanges(replies, bound)
    king = signed(swaps.kings[WAITER])
    if num_pins or king_may_take(replies, bound) or (king != NO_KING and flights.attacked[LAST_SQUARE - king]):
        return False
    for index in range(num):
        if end_of(replies, signed(index), bound) > bound:
            return False
        swaps.seen[signed(replies.origins[index])] = 1
    return True


@inner
def most_promoted(swaps: Swaps, square: int) -> int:
    """Returns the most that the opponent may win by promoting on a square of the mover's view.

    Outside of its zone only pieces that go back promote.
    """
    most = max(swaps.promotions[SILVER], max(swaps.promotions[BISHOP], swaps.promotions[ROOK]))
    if RANK[LAST_SQUARE - square] < 3:
        for code in range(PAWN, ROOK + 1):
            most = max(most, swaps.promotions[code])
    return signed(most)


@inner
def mark_threats(bound: int, flights: Flights, threats: Threats, replies: Exchanges) -> None:
    """Finds the moves of a position after which no reply wins more than a bound; see `is_calm`.

    Args:
        bound: Of what replies win; below 0 nothing is found.
        flights, replies: Working memory, for which `mark_flights` and `note_passed` were called.
        threats: Gets what is found.
    """
    swaps = replies.swaps
    for square in range(len(swaps.seen)):
        swaps.seen[square] = 0
    is_known = bound >= 0 and loses_nothing(bound, flights, replies)
    for square in range(NUM_SQUARES):
        seen = swaps.seen[LAST_SQUARE - square]
        threats.leaves[square] = seen | flights.hit[square]
        if seen or not is_known:
            threats.allowed[square] = -1
        elif flights.attacked[square]:
            threats.allowed[square] = bound - most_promoted(swaps, signed(square))
        else:
            threats.allowed[square] = EVERYTHING
    if is_known and swaps.kings[WAITER] != NO_KING:
        threats.leaves[LAST_SQUARE - signed(swaps.kings[WAITER])] = 1


@inner
def is_calm(boards: UInt8Array, row: int, action: int, threats: Threats, swaps: Swaps) -> bool:
    """Tells whether after a legal action surely no reply wins more than the bound that `mark_threats` was given."""
    plane = action // NUM_SQUARES
    if swaps.captures[code_after(boards, row, action)] > threats.allowed[action - plane * NUM_SQUARES]:
        return False
    return plane >= DROPS or threats.leaves[find_origin(boards, row, action)] == 0
