"""What a move comes to in material once the pieces that hang are taken.

A move wins what it takes, and loses what the best reply wins: a capture or a promotion, valued by the exchange on its
square (`swaps`) and by what the mover takes in return, there or anywhere else.
"""

from typing import NamedTuple

import numpy as np

from keisei_core.shogi.actions import DROPS, NUM_ACTIONS, NUM_DIRECTIONS
from keisei_core.shogi.compile import inner, kernel, signed, trailing_zeros, unsigned
from keisei_core.shogi.positions import NUM_SQUARES, OPPONENT, UInt8Array
from keisei_core.shogi.rules.checks import Workspace, code_after, new_workspace
from keisei_core.shogi.rules.gains import gain_of, mark_arrivals, mark_captures, promotes_from
from keisei_core.shogi.rules.generate import clear_pins, find_targets
from keisei_core.shogi.rules.play import LAST_SQUARE, find_origin, turn
from keisei_core.shogi.rules.scratch import (
    CODES,
    COUNTS,
    LINE_PIECE_WORDS,
    OPPONENT_KING_SQUARE,
    OWN_KING,
    OWN_PROMOTIONS,
    OWN_STEPS,
    SPARE,
    SPARE_WORDS,
)
from keisei_core.shogi.rules.slides import SQUARES_IN_HALF, half_as_bits
from keisei_core.shogi.rules.swaps import (
    MOVER,
    NOBODY,
    WAITER,
    Swaps,
    exchange_on,
    least_attacker,
    new_swaps,
    set_board,
    set_values,
    take,
)
from keisei_core.shogi.tables import Int32Array, Int64Array

EVERYTHING = signed(1 << 40)
"""More than anything comes to."""
MAX_EXCHANGES = 256
"""More captures and promotions than a position can have, one capture counted a square."""


class Exchanges(NamedTuple):
    """Working memory for the captures and promotions of one position; one for each thread."""

    work: Workspace
    """Holds the position."""
    swaps: Swaps
    origins: Int64Array
    """int64 [256], of the captures and promotions listed, `NOBODY` for whoever is the least that may capture."""
    squares: Int64Array
    """int64 [256], where they lead."""
    passed: UInt8Array
    """uint8 [81], the position before the moves tried, as the opponent sees it; see `note_passed`."""


def new_exchanges() -> Exchanges:
    """Makes working memory for one thread."""
    origins, squares = (np.zeros(MAX_EXCHANGES, np.int64) for _ in range(2))
    return Exchanges(new_workspace(), new_swaps(), origins, squares, np.zeros(NUM_SQUARES, np.uint8))


@inner
def list_captures(found: Exchanges, bound: int) -> int:
    """Lists the squares where a capture wins more than the bound on the spot; returns how many."""
    rows, swaps = found.work.scratch.rows, found.swaps
    mark_captures(found.work.scratch)
    num = signed(0)
    for half in range(2):
        bits = half_as_bits(found.work.scratch.words, LINE_PIECE_WORDS, half)
        while bits:
            square = half * SQUARES_IN_HALF + trailing_zeros(bits)
            bits &= bits - 1
            if swaps.captures[rows[CODES + square]] > bound:
                by_others = rows[COUNTS + square] | rows[SPARE + square]
                found.origins[num], found.squares[num] = NOBODY if by_others else swaps.kings[MOVER], square
                num += 1
    return num


@inner
def list_promotions(found: Exchanges, num: int, bound: int) -> int:
    """Adds the promotions, captures or not, that win more than the bound on the spot; reads the row of arrivals."""
    rows, swaps = found.work.scratch.rows, found.swaps
    for half in range(2):
        bits = half_as_bits(found.work.scratch.words, SPARE_WORDS, half)
        while bits:
            square = half * SQUARES_IN_HALF + trailing_zeros(bits)
            bits &= bits - 1
            taken = signed(swaps.captures[rows[CODES + square]])
            for direction in range(NUM_DIRECTIONS):
                origin = promotes_from(rows, square, direction)
                if origin >= 0 and taken + swaps.promotions[rows[CODES + origin]] > bound:
                    found.origins[num], found.squares[num] = origin, square
                    num += 1
    return num


@inner
def list_exchanges(found: Exchanges, bound: int) -> tuple[int, int]:
    """Lists the legal captures and promotions of the position held that win more than the bound on the spot.

    Returns:
        How many they are, and how many of the mover's pieces are pinned.
    """
    scratch, swaps = found.work.scratch, found.swaps
    _, num_pins = find_targets(found.work.boards, unsigned(0), scratch)
    clear_pins(scratch.rows, num_pins)
    swaps.kings[MOVER], swaps.kings[WAITER] = scratch.listed[OWN_KING], scratch.listed[OPPONENT_KING_SQUARE]
    mark_arrivals(scratch.rows, OWN_STEPS, 0, COUNTS)
    mark_arrivals(scratch.rows, OWN_PROMOTIONS, 2, SPARE)
    return list_promotions(found, list_captures(found, bound), bound), num_pins


@inner
def end_of(found: Exchanges, index: int, bound: int) -> int:
    """Returns what one of the moves listed wins in the end, or no more than the bound if it wins no more."""
    swaps, square = found.swaps, signed(found.squares[index])
    set_board(swaps, found.work.boards)
    origin = signed(found.origins[index])
    if origin == NOBODY:
        origin = least_attacker(swaps, square, signed(MOVER), True)
        found.origins[index] = origin
    value = take(swaps, origin, square)
    return value - exchange_on(swaps, square, signed(WAITER)) if value > bound else value


@inner
def comes_to(replies: Exchanges, index: int, most: int, enough: int, answers: Exchanges) -> int:
    """Plays one of the replies listed and returns what it wins less the most that is won from it in return.

    Returns:
        `most` or less where it comes to no more, `enough` or more where it comes to so much.
    """
    swaps, work = replies.swaps, answers.work
    set_board(swaps, replies.work.boards)
    won = take(swaps, signed(replies.origins[index]), signed(replies.squares[index]))
    for square in range(unsigned(NUM_SQUARES)):
        work.boards[square] = swaps.board[square]
    turn(work.boards, work.hands, signed(0), work.scratch.rows)
    best = max(signed(0), won - enough)
    for answer in range(list_exchanges(answers, best)[0]):
        if best >= won - most:
            break
        best = max(best, end_of(answers, signed(answer), best))
    return won - best


@inner
def note_passed(boards: UInt8Array, row: int, replies: Exchanges) -> None:
    """Notes a position as the opponent sees it; to be called before `loss_of`."""
    for square in range(NUM_SQUARES):
        replies.passed[LAST_SQUARE - square] = other_view(signed(boards[row * NUM_SQUARES + square]))


@inner
def other_view(code: int) -> int:
    """Returns a piece's code as the other player sees it."""
    if code == 0:
        return signed(0)
    return code + OPPONENT if code <= OPPONENT else code - OPPONENT


@inner
def place_move(boards: UInt8Array, row: int, action: int, replies: Exchanges) -> None:
    """Gives the working memory the board after a legal action, as the opponent sees it; exchanges need no hands."""
    board = replies.work.boards
    for square in range(unsigned(NUM_SQUARES)):
        board[square] = replies.passed[square]
    if action < DROPS * NUM_SQUARES:
        board[LAST_SQUARE - signed(find_origin(boards, row, action))] = 0
    board[LAST_SQUARE - action % NUM_SQUARES] = code_after(boards, row, action) + OPPONENT


@inner
def loss_of(
    boards: UInt8Array, row: int, action: int, bound: int, enough: int, replies: Exchanges, answers: Exchanges
) -> int:
    """Returns the most that a reply to a legal action wins.

    Args:
        boards, row, action: The position, which was noted, and the action.
        bound: At least 0; where no reply wins more, this is returned.
        enough: Where a reply wins so much, this or more is returned.
        replies, answers: Working memory that knows what pieces are worth; the first gets the board after the action.
    """
    place_move(boards, row, action, replies)
    most = bound
    for index in range(list_exchanges(replies, bound)[0]):
        if most >= enough:
            break
        if end_of(replies, signed(index), most) > most:
            most = max(most, comes_to(replies, signed(index), most, enough, answers))
    return most


@kernel
def mark_exchanges(
    boards: UInt8Array,
    legal: UInt8Array,
    captures: Int64Array,
    promotions: Int64Array,
    exchanges: Int32Array,
    replies: Exchanges,
    answers: Exchanges,
) -> None:
    """Writes for every legal move what it wins on the spot less the most that a reply wins.

    Args:
        boards, legal: N positions and their legal moves.
        captures, promotions: See `gain_of`.
        exchanges: int32 [N * 2187], zeros before.
        replies, answers: Working memory.
    """
    set_values(replies.swaps, captures, promotions)
    set_values(answers.swaps, captures, promotions)
    for row in range(len(boards) // NUM_SQUARES):
        note_passed(boards, signed(row), replies)
        for action in range(NUM_ACTIONS):
            if legal[row * NUM_ACTIONS + action]:
                won = gain_of(boards, signed(row), signed(action), captures, promotions)
                lost = loss_of(boards, signed(row), signed(action), signed(0), EVERYTHING, replies, answers)
                exchanges[row * NUM_ACTIONS + action] = won - lost
