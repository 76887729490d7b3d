"""Moves of one step and knights' jumps, for all squares at once.

A row holds per origin the lines its piece steps in; a plane of the mask is that row shifted by the step, one bit
of it, cut with the row of free targets. Every loop here is over bytes and becomes vector instructions: one loop
an output row, conditions written as products, indices unsigned.
"""

from typing import Final

import numpy as np

from keisei_core.shogi.compile import signed, stage, unsigned
from keisei_core.shogi.positions import NUM_SQUARES, OPPONENT, UInt8Array
from keisei_core.shogi.rules.scratch import (
    ATTACKED,
    CODES,
    COUNTS,
    KNIGHTS,
    MARGIN,
    NOT_OWN,
    OPPONENT_STEPS,
    OWN_PROMOTIONS,
    OWN_STEPS,
    TARGETS,
    VACANT,
)
from keisei_core.shogi.tables import (
    ALL_LINES,
    DELTA,
    DRAGON,
    GOLD,
    GOLD_STEPS,
    HORSE,
    KING,
    KNIGHT,
    NEIGHBOURS,
    NUM_LINES,
    OPPONENT_KNIGHT_JUMPS,
    OWN_KNIGHT_JUMPS,
    PAWN,
    PAWN_PROMOTES,
    PAWN_STAYS,
    PAWN_STEPS,
    PROMOTED_KNIGHT,
    PROMOTED_LANCE,
    PROMOTED_SILVER,
    ROW,
    SILVER,
    SILVER_PROMOTES,
    SILVER_STEPS,
    STEPS,
    TOKIN,
    opposite,
)

KNIGHT_LEFT_DELTA: Final = 7
KNIGHT_RIGHT_DELTA: Final = -11
"""What a knight's two jumps add to a square; an opponent's knight jumps the other way."""

SHIFT: Final = np.array([MARGIN - DELTA[direction] for direction in range(len(DELTA))], np.uint64)
"""uint64 [10]; from the start of a row's margin to the origin of a step to square 0."""

GOLD_BITS, SILVER_BITS = np.uint8(GOLD_STEPS), np.uint8(SILVER_STEPS)
HORSE_BITS, DRAGON_BITS = np.uint8(STEPS[HORSE]), np.uint8(STEPS[DRAGON])
KING_BITS = np.uint8(ALL_LINES)
PAWN_BITS_BACK, GOLD_BITS_BACK = np.uint8(opposite(PAWN_STEPS)), np.uint8(opposite(GOLD_STEPS))
SILVER_BITS_BACK = np.uint8(opposite(SILVER_STEPS))


@stage
def spread_board(boards: UInt8Array, board: int, rows: UInt8Array) -> None:
    """Copies a board and finds its squares without own pieces and without any."""
    for square in range(unsigned(NUM_SQUARES)):
        rows[CODES + square] = boards[board + square]
    for square in range(unsigned(ROW)):
        code = rows[CODES + square]
        rows[NOT_OWN + square] = (code == 0) | (code > OPPONENT)
        rows[VACANT + square] = code == 0


@stage
def spread_own_steps(rows: UInt8Array) -> None:
    """Writes per origin the steps of the mover's pieces other than the king, and the jumps of all knights."""
    for square in range(unsigned(ROW)):
        code = rows[CODES + square]
        is_gold = (code == GOLD) | (code == TOKIN)
        is_gold |= (code == PROMOTED_LANCE) | (code == PROMOTED_KNIGHT) | (code == PROMOTED_SILVER)
        steps = (is_gold * GOLD_BITS) | ((code == SILVER) * SILVER_BITS)
        steps |= ((code == HORSE) * HORSE_BITS) | ((code == DRAGON) * DRAGON_BITS)
        rows[OWN_STEPS + square] = (steps & NEIGHBOURS[square]) | ((code == PAWN) * PAWN_STAYS[square])
    for square in range(unsigned(ROW)):
        code = rows[CODES + square]
        promotions = ((code == PAWN) * PAWN_PROMOTES[square]) | ((code == SILVER) * SILVER_PROMOTES[square])
        rows[OWN_PROMOTIONS + square] = promotions
    for square in range(unsigned(ROW)):
        code = rows[CODES + square]
        jumps = (code == KNIGHT) * OWN_KNIGHT_JUMPS[square]
        rows[KNIGHTS + square] = jumps | ((code == OPPONENT + KNIGHT) * OPPONENT_KNIGHT_JUMPS[square])


@stage
def spread_opponent_steps(rows: UInt8Array) -> None:
    """Writes per origin the steps of the opponent's pieces, whose lines are the opposite ones."""
    for square in range(unsigned(ROW)):
        code = rows[CODES + square]
        is_gold = (code == OPPONENT + GOLD) | (code == OPPONENT + TOKIN) | (code == OPPONENT + PROMOTED_LANCE)
        is_gold |= (code == OPPONENT + PROMOTED_KNIGHT) | (code == OPPONENT + PROMOTED_SILVER)
        steps = (is_gold * GOLD_BITS_BACK) | ((code == OPPONENT + PAWN) * PAWN_BITS_BACK)
        steps |= ((code == OPPONENT + SILVER) * SILVER_BITS_BACK) | ((code == OPPONENT + KING) * KING_BITS)
        steps |= ((code == OPPONENT + HORSE) * HORSE_BITS) | ((code == OPPONENT + DRAGON) * DRAGON_BITS)
        rows[OPPONENT_STEPS + square] = steps & NEIGHBOURS[square]


@stage
def mark_step_attacks(rows: UInt8Array) -> None:
    """Marks the squares that the opponent's steps and knights attack: bit d of the square one step back, for all d."""
    for square in range(ROW):
        attacks = rows[OPPONENT_STEPS + square + 1] | (rows[OPPONENT_STEPS + square - 8] >> 1)
        attacks |= (rows[OPPONENT_STEPS + square + 10] >> 2) | (rows[OPPONENT_STEPS + square - 9] >> 3)
        attacks |= (rows[OPPONENT_STEPS + square + 9] >> 4) | (rows[OPPONENT_STEPS + square - 1] >> 5)
        attacks |= (rows[OPPONENT_STEPS + square - 10] >> 6) | (rows[OPPONENT_STEPS + square + 8] >> 7)
        attacks |= rows[KNIGHTS + square + KNIGHT_LEFT_DELTA] >> 4
        attacks |= rows[KNIGHTS + square + KNIGHT_RIGHT_DELTA] >> 5
        rows[ATTACKED + square] = attacks & 1


@stage
def find_step_checks(rows: UInt8Array, king: int) -> tuple[int, int]:
    """Counts the steps and knights that give check; returns their number and the origin of the last one."""
    num_checks = 0
    checker = king
    if rows[ATTACKED + king]:
        for line in range(NUM_LINES):
            if (rows[unsigned(OPPONENT_STEPS - MARGIN) + SHIFT[line] + unsigned(king)] >> line) & 1:
                num_checks += 1
                checker = king - signed(DELTA[line])
        if (rows[KNIGHTS + king + KNIGHT_LEFT_DELTA] >> 4) & 1:
            num_checks += 1
            checker = king + KNIGHT_LEFT_DELTA
        if (rows[KNIGHTS + king + KNIGHT_RIGHT_DELTA] >> 5) & 1:
            num_checks += 1
            checker = king + KNIGHT_RIGHT_DELTA
    return num_checks, checker


@stage
def write_plane(rows: UInt8Array, origin: int, bit: np.uint8, legal: UInt8Array, plane: int) -> None:
    """Writes one plane and counts its moves.

    The loop spills 15 bytes into the next plane, which is written later. Moves are counted here because reading
    the fresh mask again would cost 250 ns a position.
    """
    for square in range(unsigned(ROW)):
        is_legal = ((rows[origin + square] & bit) != 0) & rows[TARGETS + square]
        legal[plane + square] = is_legal
        rows[COUNTS + square] += is_legal


@stage
def write_planes(rows: UInt8Array, legal: UInt8Array, mask: int) -> None:
    """Writes the twenty planes of moves on the board, the king's excepted, in increasing order."""
    for square in range(ROW):
        rows[COUNTS + square] = 0
    plane = mask
    for line in range(NUM_LINES):
        write_plane(rows, unsigned(OWN_STEPS - MARGIN) + SHIFT[line], np.uint8(1 << line), legal, plane)
        plane += unsigned(NUM_SQUARES)
    for jump in range(2):
        origin = unsigned(KNIGHTS - MARGIN) + SHIFT[NUM_LINES + jump]
        write_plane(rows, origin, np.uint8(1 << jump), legal, plane)
        plane += unsigned(NUM_SQUARES)
    for line in range(NUM_LINES):
        write_plane(rows, unsigned(OWN_PROMOTIONS - MARGIN) + SHIFT[line], np.uint8(1 << line), legal, plane)
        plane += unsigned(NUM_SQUARES)
    for jump in range(2):
        origin = unsigned(KNIGHTS - MARGIN) + SHIFT[NUM_LINES + jump]
        write_plane(rows, origin, np.uint8(4 << jump), legal, plane)
        plane += unsigned(NUM_SQUARES)
