"""Drops: where each kind may be put, and the pawn drop that would be mate (uchifuzume)."""

import numpy as np

from keisei_core.shogi.actions import DROPS, NUM_DIRECTIONS
from keisei_core.shogi.compile import inner, signed, stage, unsigned
from keisei_core.shogi.positions import NUM_HAND_KINDS, NUM_SQUARES, OPPONENT, UInt8Array
from keisei_core.shogi.rules.attacks import is_attacked_by_mover
from keisei_core.shogi.rules.scratch import COUNTS, PAWN_DROPS, SPARE, VACANT
from keisei_core.shogi.tables import (
    ATTACKS_FAR,
    ATTACKS_NEXT,
    DELTA,
    KING,
    KNIGHT,
    MAY_DROP,
    NUM_LINES,
    PAWN,
    RANK,
    RAY_LENGTH,
    ROW,
)

VECTOR = 64
"""Two overlapping blocks of 64 bytes cover a plane of 81 exactly."""


@inner
def may_capture(boards: UInt8Array, board: int, king: int, origin: int, target: int) -> bool:
    """Tells whether the opponent may take on `target` from `origin` without leaving his king attacked."""
    code, taken = boards[board + origin], boards[board + target]
    boards[board + origin] = 0
    boards[board + target] = code
    is_safe = not is_attacked_by_mover(boards, board, king, signed(-1))
    boards[board + origin] = code
    boards[board + target] = taken
    return is_safe


@inner
def has_flight(boards: UInt8Array, board: int, king: int) -> bool:
    """Tells whether the opponent's king has a square to go to."""
    for line in range(NUM_LINES):
        if RAY_LENGTH[king, line]:
            square = king + signed(DELTA[line])
            if boards[board + square] <= OPPONENT and not is_attacked_by_mover(boards, board, square, king):
                return True
    return False


@inner
def has_capture(boards: UInt8Array, board: int, king: int, target: int) -> bool:
    """Tells whether a piece of the opponent other than the king may take on `target`."""
    for line in range(NUM_LINES):
        seen = target
        for distance in range(RAY_LENGTH[target, line]):
            seen += DELTA[line]
            code = signed(boards[board + seen])
            if code == 0:
                continue
            if code > OPPONENT and code != OPPONENT + KING:
                attacks = ATTACKS_NEXT[code] if distance == 0 else ATTACKS_FAR[code]
                if (attacks >> line) & 1 and may_capture(boards, board, king, seen, target):
                    return True
            break
    for jump in range(NUM_LINES, NUM_DIRECTIONS):
        if RAY_LENGTH[target, jump]:
            seen = target + signed(DELTA[jump])
            if boards[board + seen] == OPPONENT + KNIGHT and may_capture(boards, board, king, seen, target):
                return True
    return False


@inner
def is_pawn_drop_mate(boards: UInt8Array, board: int, king: int) -> bool:
    """Tells whether a pawn dropped before the opponent's king, on an empty square, is mate."""
    target = king + 1
    boards[board + target] = PAWN
    is_mate = not has_flight(boards, board, king) and not has_capture(boards, board, king, target)
    boards[board + target] = 0
    return is_mate


@stage
def find_pawn_drops(boards: UInt8Array, board: int, rows: UInt8Array, has_pawn: bool, opponent_king: int) -> None:
    """Finds where a pawn may be dropped: not on the last rank, not on a file with an own pawn, not to mate."""
    for square in range(ROW):
        rows[PAWN_DROPS + square] = 0
    if has_pawn:
        for square in range(ROW):
            rows[PAWN_DROPS + square] = rows[VACANT + square] & MAY_DROP[0, square]
        for file in range(unsigned(9)):
            first = board + file * unsigned(9)
            has_own = np.uint8(0)
            for rank in range(unsigned(9)):
                has_own |= np.uint8(boards[first + rank] == PAWN)
            for rank in range(unsigned(9)):
                rows[unsigned(PAWN_DROPS) + file * unsigned(9) + rank] &= has_own ^ np.uint8(1)
        if (
            RANK[opponent_king] < 8
            and rows[PAWN_DROPS + opponent_king + 1]
            and is_pawn_drop_mate(boards, signed(board), signed(opponent_king))
        ):
            rows[PAWN_DROPS + opponent_king + 1] = 0


@stage
def write_drop_planes(hands: UInt8Array, hand: int, rows: UInt8Array, legal: UInt8Array, mask: int) -> None:
    """Writes the seven planes of drops; the last one must not spill into the next position's mask."""
    plane = mask + unsigned(DROPS * NUM_SQUARES)
    for square in range(unsigned(ROW)):
        is_legal = rows[PAWN_DROPS + square]
        legal[plane + square] = is_legal
        rows[COUNTS + square] += is_legal
    for kind in range(1, NUM_HAND_KINDS - 1):
        has_piece = np.uint8(hands[hand + kind] != 0)
        plane = mask + unsigned((DROPS + kind) * NUM_SQUARES)
        for square in range(unsigned(ROW)):
            is_legal = rows[VACANT + square] & MAY_DROP[kind, square] & has_piece
            legal[plane + square] = is_legal
            rows[COUNTS + square] += is_legal
    has_piece = np.uint8(hands[hand + NUM_HAND_KINDS - 1] != 0)
    plane = mask + unsigned((DROPS + NUM_HAND_KINDS - 1) * NUM_SQUARES)
    for square in range(unsigned(ROW)):
        is_legal = rows[VACANT + square] & MAY_DROP[NUM_HAND_KINDS - 1, square] & has_piece
        rows[SPARE + square] = is_legal
        rows[COUNTS + square] += is_legal
    for square in range(unsigned(VECTOR)):
        legal[plane + square] = rows[SPARE + square]
    for square in range(unsigned(NUM_SQUARES - VECTOR), unsigned(NUM_SQUARES)):
        legal[plane + square] = rows[SPARE + square]
