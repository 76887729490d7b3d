"""What a move wins on the spot, and the most that any move of a position wins, found without listing its moves."""

from keisei_core.shogi.actions import DROPS, NUM_DIRECTIONS, PROMOTIONS
from keisei_core.shogi.compile import inner, signed, stage, trailing_zeros
from keisei_core.shogi.positions import NUM_SQUARES, OPPONENT, UInt8Array
from keisei_core.shogi.rules.generate import king_step
from keisei_core.shogi.rules.play import find_origin
from keisei_core.shogi.rules.scratch import (
    CODES,
    COUNTS,
    KNIGHTS,
    LINE_PIECE_WORDS,
    LINE_PIECES,
    OWN_KING,
    OWN_PROMOTIONS,
    OWN_STEPS,
    SPARE,
    SPARE_WORDS,
    TARGETS,
    Scratch,
)
from keisei_core.shogi.rules.slides import SQUARES_IN_HALF, half_as_bits
from keisei_core.shogi.rules.steps import KNIGHT_LEFT_DELTA, KNIGHT_RIGHT_DELTA
from keisei_core.shogi.tables import DELTA, NUM_LINES, ROW, Int64Array


@inner
def gain_of(boards: UInt8Array, row: int, action: int, captures: Int64Array, promotions: Int64Array) -> int:
    """Returns what a legal action wins on the spot.

    Args:
        boards, row, action: The position and the action.
        captures: int64 [29], what taking a piece is worth, by its code; 0 for empty and own.
        promotions: int64 [29], what promoting a piece is worth, by its code.
    """
    plane = action // NUM_SQUARES
    if plane >= DROPS:
        return 0
    gain = signed(captures[boards[row * NUM_SQUARES + action - plane * NUM_SQUARES]])
    if plane >= PROMOTIONS:
        gain += promotions[boards[row * NUM_SQUARES + find_origin(boards, row, action)]]
    return gain


@stage
def mark_arrivals(rows: UInt8Array, steps: int, jump: int, arrivals: int) -> None:
    """Marks where pieces other than the king may go: the targets that a step or a jump leads to.

    Args:
        rows: As `find_targets` leaves them.
        steps: The row of steps that promote, or of those that do not.
        jump: The bit of the knights' jumps to the left of the same kind; the one to the right follows.
        arrivals: The row that the marks go to.
    """
    for square in range(ROW):
        towards = rows[steps + square + 1] | (rows[steps + square - 8] >> 1)
        towards |= (rows[steps + square + 10] >> 2) | (rows[steps + square - 9] >> 3)
        towards |= (rows[steps + square + 9] >> 4) | (rows[steps + square - 1] >> 5)
        towards |= (rows[steps + square - 10] >> 6) | (rows[steps + square + 8] >> 7)
        towards |= rows[KNIGHTS + square - KNIGHT_LEFT_DELTA] >> jump
        towards |= rows[KNIGHTS + square - KNIGHT_RIGHT_DELTA] >> (jump + 1)
        rows[arrivals + square] = towards & rows[TARGETS + square] & 1


@stage
def mark_captures(scratch: Scratch) -> None:
    """Marks in the row of line pieces which pieces may be taken, from the rows of arrivals and the king's steps."""
    rows = scratch.rows
    for square in range(ROW):
        is_taken = (rows[COUNTS + square] | rows[SPARE + square]) != 0
        rows[LINE_PIECES + square] = is_taken & (rows[CODES + square] > OPPONENT)
    king = scratch.listed[OWN_KING]
    for line in range(NUM_LINES):
        square, is_free = king_step(rows, king, line)
        rows[LINE_PIECES + square] |= is_free & (rows[CODES + square] > OPPONENT)


@stage
def best_capture(scratch: Scratch, captures: Int64Array) -> int:
    """Returns the most that taking a piece wins, promotions apart; reads the rows of arrivals."""
    rows = scratch.rows
    mark_captures(scratch)
    best = signed(0)
    for half in range(2):
        bits = half_as_bits(scratch.words, LINE_PIECE_WORDS, half)
        while bits:
            square = half * SQUARES_IN_HALF + trailing_zeros(bits)
            bits &= bits - 1
            best = max(best, signed(captures[rows[CODES + square]]))
    return best


@stage
def promotes_from(rows: UInt8Array, square: int, direction: int) -> int:
    """Returns the square from which a piece may come in a direction and promote; -1 if there is none.

    Args:
        rows: As `find_targets` leaves them.
        square: Where it comes to.
        direction: 0 to `NUM_DIRECTIONS` - 1.
    """
    delta = signed(DELTA[direction])
    origin = square - delta
    if direction < NUM_LINES:
        leads_here = rows[OWN_PROMOTIONS + origin] >> direction
    else:
        leads_here = rows[KNIGHTS + origin] >> (direction - NUM_LINES + 2)
    if not leads_here & 1:
        return signed(-1)
    while direction < NUM_LINES and rows[CODES + origin] == 0:
        origin -= delta
    return origin


@stage
def best_promotion(scratch: Scratch, captures: Int64Array, promotions: Int64Array, best: int) -> int:
    """Returns `best`, or the most that a move wins which promotes if that is more; reads the row of their arrivals."""
    rows = scratch.rows
    for half in range(2):
        bits = half_as_bits(scratch.words, SPARE_WORDS, half)
        while bits:
            square = half * SQUARES_IN_HALF + trailing_zeros(bits)
            bits &= bits - 1
            taken = signed(captures[rows[CODES + square]])
            for direction in range(NUM_DIRECTIONS):
                origin = promotes_from(rows, square, direction)
                if origin >= 0:
                    best = max(best, taken + signed(promotions[rows[CODES + origin]]))
    return best


@inner
def best_gain(scratch: Scratch, captures: Int64Array, promotions: Int64Array) -> int:
    """Returns the most that a legal move wins on the spot, at least 0.

    Args:
        scratch: Used last by `find_targets` or `generate` for the position.
        captures, promotions: See `gain_of`.
    """
    mark_arrivals(scratch.rows, OWN_STEPS, 0, COUNTS)
    mark_arrivals(scratch.rows, OWN_PROMOTIONS, 2, SPARE)
    return best_promotion(scratch, captures, promotions, best_capture(scratch, captures))
