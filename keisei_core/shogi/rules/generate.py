"""The legal moves of one position as a mask.

Works by planes, not by moves (see `steps`), so a pin is a cut in the row of steps, a check a cut in the row of
targets, and a double check a row of zeros.
"""

import numpy as np

from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.compile import inner, kernel, signed, stage, unsigned
from keisei_core.shogi.positions import NUM_HAND_KINDS, NUM_SQUARES, UInt8Array
from keisei_core.shogi.rules.drops import find_pawn_drops, write_drop_planes
from keisei_core.shogi.rules.scratch import (
    ANSWERS,
    ATTACKED,
    COUNTS,
    NOT_OWN,
    OPPONENT_KING_SQUARE,
    OWN_KING,
    PIN_BARS,
    TARGETS,
    VACANT,
    Scratch,
)
from keisei_core.shogi.rules.slides import list_line_pieces, spread_own_slides, trace_opponent_slides
from keisei_core.shogi.rules.steps import (
    find_step_checks,
    mark_step_attacks,
    spread_board,
    spread_opponent_steps,
    spread_own_steps,
    write_planes,
)
from keisei_core.shogi.tables import DELTA, NUM_LINES, PATH, PATHS, ROW, Int32Array

BOTH_HANDS = 2 * NUM_HAND_KINDS


@stage
def restrict_to_answers(rows: UInt8Array, num_checks: int, checker: int, line: int, king: int) -> None:
    """Leaves, while in check, only the targets that take the one checking piece or stand between."""
    if num_checks == 0:
        for square in range(ROW):
            rows[TARGETS + square] = rows[NOT_OWN + square]
    elif num_checks == 1:
        for square in range(ROW):
            rows[ANSWERS + square] = 0
        rows[ANSWERS + checker] = 1
        if line >= 0:
            between = checker + signed(DELTA[line])
            while between != king:
                rows[ANSWERS + between] = 1
                between += signed(DELTA[line])
        for square in range(ROW):
            rows[TARGETS + square] = rows[NOT_OWN + square] & rows[ANSWERS + square]
            rows[VACANT + square] &= rows[ANSWERS + square]
    else:
        for square in range(ROW):
            rows[TARGETS + square] = 0
            rows[VACANT + square] = 0


@stage
def king_step(rows: UInt8Array, king: int, line: int) -> tuple[int, np.uint8]:
    """Returns the square next to the king in a line, and 1 if he may go there; `OUTSIDE` and 0 at the edge."""
    square = signed(PATHS[(king * NUM_LINES + line) * PATH])
    return square, rows[NOT_OWN + square] & (rows[ATTACKED + square] == 0)


@stage
def write_king_moves(rows: UInt8Array, king: int, legal: UInt8Array, mask: int) -> int:
    """Adds the king's moves to squares that are not attacked; returns their number."""
    num_moves = signed(0)
    for line in range(NUM_LINES):
        # Next to the edge nothing is free: it writes nothing new, if into another plane.
        square, is_free = king_step(rows, king, line)
        legal[mask + unsigned(line * NUM_SQUARES + square)] |= is_free
        num_moves += signed(is_free)
    return num_moves


@stage
def find_targets(boards: UInt8Array, board: int, scratch: Scratch) -> tuple[int, int]:
    """Writes the rows of steps, of targets and of what the opponent attacks; returns the numbers of checks and pins.

    Where pieces are pinned, `clear_pins` is to be called afterwards.
    """
    rows, listed = scratch.rows, scratch.listed
    spread_board(boards, board, rows)
    spread_own_steps(rows)
    spread_opponent_steps(rows)
    num_own, num_opponent = list_line_pieces(rows, scratch.words, listed)
    king = listed[OWN_KING]
    mark_step_attacks(rows)
    num_checks, checker = find_step_checks(rows, king)
    num_slides, slider, check_line, num_pins = trace_opponent_slides(rows, listed, num_opponent, king)
    if num_slides:
        num_checks += num_slides
        checker = slider
    spread_own_slides(rows, listed, num_own, num_pins > 0)
    restrict_to_answers(rows, num_checks, checker, check_line, king)
    return num_checks, num_pins


@stage
def clear_pins(rows: UInt8Array, num_pins: int) -> None:
    """Leaves the row of pins as the next call needs it."""
    if num_pins:
        for square in range(ROW):
            rows[PIN_BARS + square] = 0


@inner
def generate(boards: UInt8Array, hands: UInt8Array, row: int, legal: UInt8Array, scratch: Scratch) -> tuple[int, int]:
    """Writes the legal moves of one position as a mask.

    Args:
        boards: uint8 [N * 81]; a pawn is tried on it, and taken back.
        hands: uint8 [N * 14].
        row: Which position.
        legal: uint8 [N * 2187]; the position's part is overwritten.
        scratch: Working memory.

    Returns:
        Number of legal moves, and 1 if the mover is in check, else 0.
    """
    rows, listed = scratch.rows, scratch.listed
    board, hand, mask = unsigned(row) * unsigned(NUM_SQUARES), row * BOTH_HANDS, unsigned(row) * unsigned(NUM_ACTIONS)
    num_checks, num_pins = find_targets(boards, board, scratch)
    write_planes(rows, legal, mask)
    find_pawn_drops(boards, board, rows, hands[hand] != 0 and num_checks < 2, listed[OPPONENT_KING_SQUARE])
    write_drop_planes(hands, hand, rows, legal, mask)
    clear_pins(rows, num_pins)
    num_moves = write_king_moves(rows, listed[OWN_KING], legal, mask)
    for square in range(ROW):
        num_moves += signed(rows[COUNTS + square])
    return num_moves, signed(num_checks > 0)


@kernel
def generate_all(
    boards: UInt8Array,
    hands: UInt8Array,
    legal: UInt8Array,
    num_legal: Int32Array,
    in_check: UInt8Array,
    scratch: Scratch,
) -> None:
    """Writes the legal moves of all positions, their numbers, and the check flags."""
    for row in range(len(num_legal)):
        num_legal[row], in_check[row] = generate(boards, hands, row, legal, scratch)
