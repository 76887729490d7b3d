"""Sliding pieces: their moves, the squares they attack, the checks they give and the pieces they pin.

These walk the board square by square; everything else works on whole rows.
"""

import numpy as np

from keisei_core.shogi.actions import PROMOTIONS
from keisei_core.shogi.compile import signed, stage, trailing_zeros, unsigned
from keisei_core.shogi.positions import NUM_SQUARES, OPPONENT, UInt8Array
from keisei_core.shogi.rules.scratch import (
    ATTACKED,
    CODES,
    KNIGHTS,
    LINE_PIECE_WORDS,
    LINE_PIECES,
    NOT_OWN,
    NUM_WORDS,
    OPPONENT_KING_SQUARE,
    OPPONENT_SLIDERS,
    OWN_KING,
    OWN_PROMOTIONS,
    OWN_SLIDERS,
    OWN_STEPS,
    PIN_BARS,
    TARGETS,
)
from keisei_core.shogi.tables import (
    AXIS,
    BISHOP,
    DELTA,
    DIRECTION_TO,
    DRAGON,
    HORSE,
    KING,
    LANCE,
    MAY_PROMOTE,
    MIN_RANK,
    OPPONENT_SLIDES,
    OWN_SLIDES,
    RANK,
    RAY_LENGTH,
    ROOK,
    ROW,
    Int64Array,
    UInt64Array,
)

SQUARES_IN_WORD = 8
NO_LINE = -1


@stage
def list_line_pieces(rows: UInt8Array, words: UInt64Array, listed: Int64Array) -> tuple[int, int]:
    """Lists the squares of sliding pieces and kings; returns the numbers of own and opponent's sliding pieces."""
    for square in range(unsigned(ROW)):
        code = rows[CODES + square]
        is_own = (code == LANCE) | (code == BISHOP) | (code == ROOK) | (code == KING)
        is_own |= (code == HORSE) | (code == DRAGON)
        is_opponent = (code == OPPONENT + LANCE) | (code == OPPONENT + BISHOP) | (code == OPPONENT + ROOK)
        is_opponent |= (code == OPPONENT + KING) | (code == OPPONENT + HORSE) | (code == OPPONENT + DRAGON)
        rows[LINE_PIECES + square] = is_own | is_opponent
    num_own, num_opponent = 0, 0
    for word_idx in range(NUM_WORDS):
        word = signed(words[LINE_PIECE_WORDS + word_idx])
        while word:
            square = word_idx * SQUARES_IN_WORD + (trailing_zeros(word) >> 3)
            word &= word - 1
            code = rows[CODES + square]
            if code == KING:
                listed[OWN_KING] = square
            elif code == OPPONENT + KING:
                listed[OPPONENT_KING_SQUARE] = square
            elif code <= OPPONENT:
                listed[OWN_SLIDERS + num_own] = square
                num_own += 1
            else:
                listed[OPPONENT_SLIDERS + num_opponent] = square
                num_opponent += 1
    return num_own, num_opponent


@stage
def pin(rows: UInt8Array, square: int, line: int) -> None:
    """Leaves a pinned piece the moves along its line."""
    axis = np.uint8(AXIS[line])
    rows[OWN_STEPS + square] &= axis
    rows[OWN_PROMOTIONS + square] &= axis
    rows[KNIGHTS + square] = 0
    rows[PIN_BARS + square] = ~axis


@stage
def trace_opponent_slides(
    rows: UInt8Array, listed: Int64Array, num_opponent: int, king: int
) -> tuple[int, int, int, int]:
    """Marks what the opponent's sliding pieces attack, seeing through the mover's king, and pins own pieces.

    Returns:
        Number of checks, origin of the last checking piece and its line (-1 for none), number of pins.
    """
    num_checks, checker, check_line, num_pins = 0, king, NO_LINE, 0
    for entry in range(num_opponent):
        origin = listed[OPPONENT_SLIDERS + entry]
        lines = OPPONENT_SLIDES[rows[CODES + origin]]
        king_line = DIRECTION_TO[origin, king]
        while lines:
            line = trailing_zeros(lines)
            lines &= lines - 1
            square = origin
            if line != king_line:
                for _ in range(RAY_LENGTH[origin, line]):
                    square += DELTA[line]
                    rows[ATTACKED + square] = 1
                    if rows[CODES + square]:
                        break
                continue
            shield = signed(-1)
            is_check = False
            for _ in range(RAY_LENGTH[origin, line]):
                square += DELTA[line]
                if shield < 0:
                    rows[ATTACKED + square] = 1
                code = rows[CODES + square]
                if code == 0:
                    continue
                if code == KING and shield < 0:
                    num_checks += 1
                    checker, check_line, is_check = origin, line, True
                    continue
                if code == KING:
                    pin(rows, shield, line)
                    num_pins += 1
                    break
                if code > OPPONENT or shield >= 0 or is_check:
                    break
                shield = square
    return num_checks, checker, check_line, num_pins


@stage
def write_slides(
    rows: UInt8Array, listed: Int64Array, num_own: int, has_pins: bool, legal: UInt8Array, mask: int
) -> int:
    """Adds the moves of the mover's sliding pieces to the mask; returns their number."""
    num_moves = 0
    for entry in range(num_own):
        origin = listed[OWN_SLIDERS + entry]
        code = signed(rows[CODES + origin])
        lines = OWN_SLIDES[code]
        if has_pins:
            lines &= ~signed(rows[PIN_BARS + origin])
        promotes, min_rank, origin_rank = MAY_PROMOTE[code], MIN_RANK[code], RANK[origin]
        while lines:
            line = trailing_zeros(lines)
            lines &= lines - 1
            square = origin
            plane = line * NUM_SQUARES
            for _ in range(RAY_LENGTH[origin, line]):
                square += DELTA[line]
                if rows[NOT_OWN + square] == 0:
                    break
                if rows[TARGETS + square]:
                    if RANK[square] >= min_rank:
                        legal[mask + unsigned(plane + square)] = 1
                        num_moves += 1
                    if promotes and (RANK[square] < 3 or origin_rank < 3):
                        legal[mask + unsigned(PROMOTIONS * NUM_SQUARES + plane + square)] = 1
                        num_moves += 1
                if rows[CODES + square]:
                    break
    return num_moves
