"""Sliding pieces: their moves, the squares they attack, the checks they give and the pieces they pin.

Everything else works on whole rows. Where a slide ends can't be foreseen, and a wrong guess costs the processor as much
as many squares: so paths are walked in two fixed parts, with what is written turned to zero behind the first piece.
"""

import numpy as np

from keisei_core.shogi.compile import signed, stage, trailing_zeros, unsigned
from keisei_core.shogi.positions import OPPONENT, UInt8Array
from keisei_core.shogi.rules.scratch import (
    ATTACKED,
    CODES,
    KNIGHTS,
    LINE_PIECE_WORDS,
    LINE_PIECES,
    NUM_WORDS,
    OPPONENT_KING_SQUARE,
    OPPONENT_SLIDERS,
    OWN_KING,
    OWN_PROMOTIONS,
    OWN_SLIDERS,
    OWN_STEPS,
    PIN_BARS,
    VACANT,
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
    NO_KING,
    NUM_LINES,
    OPPONENT_SLIDES,
    OWN_SLIDES,
    PATH,
    PATHS,
    RANK,
    RAY_LENGTH,
    ROOK,
    ROW,
    SLIDE_PROMOTES,
    SLIDE_STAYS,
    Int64Array,
    UInt64Array,
)

SQUARES_IN_WORD = 8
WORDS_IN_HALF = 8
SQUARES_IN_HALF = WORDS_IN_HALF * SQUARES_IN_WORD
PACK = np.uint64(0x0102040810204080)
"""Times a word of eight bytes 0 or 1, gives them as bits of the highest byte."""
NO_LINE = -1
NEAR = 4
"""Squares in the first part of a path; most slides end there."""


@stage
def half_as_bits(words: UInt64Array, first: int, half: int) -> int:
    """Packs the first 64 squares of a row of zeros and ones, which begins at word `first`, or those from 64 on."""
    bits = signed(0)
    for word_idx in range(half * WORDS_IN_HALF, min((half + 1) * WORDS_IN_HALF, NUM_WORDS)):
        packed = (words[first + word_idx] * PACK) >> unsigned(56)
        bits |= signed(packed) << (word_idx - half * WORDS_IN_HALF) * SQUARES_IN_WORD
    return bits


@stage
def list_line_pieces(rows: UInt8Array, words: UInt64Array, listed: Int64Array) -> tuple[int, int]:
    """Lists the squares of sliding pieces and kings, `NO_KING` for one that there is not.

    Returns:
        Numbers of own and opponent's sliding pieces.
    """
    for square in range(unsigned(ROW)):
        code = rows[CODES + square]
        is_own = (code == LANCE) | (code == BISHOP) | (code == ROOK) | (code == KING)
        is_own |= (code == HORSE) | (code == DRAGON)
        is_opponent = (code == OPPONENT + LANCE) | (code == OPPONENT + BISHOP) | (code == OPPONENT + ROOK)
        is_opponent |= (code == OPPONENT + KING) | (code == OPPONENT + HORSE) | (code == OPPONENT + DRAGON)
        rows[LINE_PIECES + square] = is_own | is_opponent
    num_own, num_opponent = signed(0), signed(0)
    own_king, opponent_king = signed(NO_KING), signed(NO_KING)
    for half in range(2):
        bits = half_as_bits(words, LINE_PIECE_WORDS, half)
        while bits:
            square = half * SQUARES_IN_HALF + trailing_zeros(bits)
            bits &= bits - 1
            code = signed(rows[CODES + square])
            # Written to both lists and counted in one, because which piece comes next can't be foreseen.
            listed[OWN_SLIDERS + num_own] = square
            listed[OPPONENT_SLIDERS + num_opponent] = square
            num_own += signed(OWN_SLIDES[code] != 0)
            num_opponent += signed(OPPONENT_SLIDES[code] != 0)
            own_king = square if code == KING else own_king
            opponent_king = square if code == OPPONENT + KING else opponent_king
    listed[OWN_KING], listed[OPPONENT_KING_SQUARE] = own_king, opponent_king
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
def mark_slide(rows: UInt8Array, low: int, high: int, is_open: np.uint8) -> np.uint8:
    """Marks the squares that a slide attacks on the part `low` to `high` of a path; returns 0 if it ends there."""
    for place in range(low, high):
        square = unsigned(PATHS[place])
        rows[ATTACKED + square] |= is_open
        is_open &= rows[VACANT + square]
    return is_open


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
            if line != king_line:
                path = (origin * NUM_LINES + line) * PATH
                if mark_slide(rows, path, path + NEAR, np.uint8(1)):
                    mark_slide(rows, path + NEAR, path + PATH, np.uint8(1))
                continue
            square = origin
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
def spread_slide(rows: UInt8Array, low: int, high: int, steps: np.uint8, stays: int, promotes: int) -> np.uint8:
    """Adds a slide to the rows of steps on the part `low` to `high` of a path; returns 0 if it ends there."""
    for place in range(low, high):
        square = unsigned(PATHS[place])
        steps = np.uint8(steps * rows[VACANT + square])
        rows[OWN_STEPS + square] |= steps & SLIDE_STAYS[stays, square]
        rows[OWN_PROMOTIONS + square] |= steps & SLIDE_PROMOTES[promotes, square]
    return steps


@stage
def spread_own_slides(rows: UInt8Array, listed: Int64Array, num_own: int, has_pins: bool) -> None:
    """Adds the slides of the mover's pieces to the rows of steps, as steps from each square that they pass."""
    for entry in range(num_own):
        origin = listed[OWN_SLIDERS + entry]
        code = signed(rows[CODES + origin])
        lines = OWN_SLIDES[code]
        if has_pins:
            lines &= ~signed(rows[PIN_BARS + origin])
        stays = signed(code == LANCE)
        promotes = MAY_PROMOTE[code] * (1 + signed(RANK[origin] < 3))
        rows[OWN_STEPS + origin] |= np.uint8(lines) & SLIDE_STAYS[stays, origin]
        rows[OWN_PROMOTIONS + origin] |= np.uint8(lines) & SLIDE_PROMOTES[promotes, origin]
        while lines:
            line = trailing_zeros(lines)
            lines &= lines - 1
            path = (origin * NUM_LINES + line) * PATH
            steps = np.uint8(1 << line)
            steps = spread_slide(rows, path, path + NEAR, steps, stays, promotes)
            if steps:
                spread_slide(rows, path + NEAR, path + PATH - 1, steps, stays, promotes)
