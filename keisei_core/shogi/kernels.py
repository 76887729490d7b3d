"""The rules as kernels over arrays. Check nothing: the facades in this package do.

All of them live in one file because the disk cache of a kernel is not renewed when a kernel in another file changes.
Arrays arrive flat, and vector loops index with uint64 and small constants: a signed index or a second axis
keeps the compiler from using vector instructions (measured: 390 ns a position with, 1,080 without).

Shape key: B games, 81 squares of the mover's view, 2187 actions.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy import uint64 as u64
from numpy.typing import NDArray

from keisei_core.shogi.actions import DROPS, NUM_ACTIONS, NUM_DIRECTIONS, PROMOTIONS
from keisei_core.shogi.compile import kernel, stage, trailing_zeros
from keisei_core.shogi.ending import Ending
from keisei_core.shogi.positions import BLACK, NO_SQUARE, NUM_HAND_KINDS, NUM_SQUARES, OPPONENT, UInt8Array
from keisei_core.shogi.tables import (
    ALL_LINES,
    ATTACKS_FAR,
    ATTACKS_NEXT,
    AXIS,
    BISHOP,
    DELTA,
    DIRECTION_TO,
    DRAGON,
    GOLD,
    GOLD_STEPS,
    HAND_KEYS,
    HORSE,
    KIND_IN_HAND,
    KING,
    KNIGHT,
    LANCE,
    MAY_DROP,
    MAY_PROMOTE,
    MIN_RANK,
    NEIGHBOURS,
    NUM_LINES,
    OPPONENT_KNIGHT,
    OPPONENT_SLIDES,
    OWN_KNIGHT,
    OWN_SLIDES,
    PAWN,
    PAWN_PROMOTES,
    PAWN_STAYS,
    PAWN_STEPS,
    PIECE_KEYS,
    PROMOTED,
    PROMOTED_KNIGHT,
    PROMOTED_LANCE,
    PROMOTED_SILVER,
    RANK,
    RAY_LENGTH,
    ROOK,
    ROW,
    SILVER,
    SILVER_PROMOTES,
    SILVER_STEPS,
    STEPS,
    TOKIN,
    Int64Array,
    UInt64Array,
    opposite,
)

BOTH_HANDS: Final = 2 * NUM_HAND_KINDS
LEAVE: Final = -1
"""Action that leaves a game as it is."""
BEGIN: Final = -2
"""Action that begins a game anew."""

# --- scratch of the move generator: rows of 128 bytes in one flat array ------------------------------------------
STRIDE: Final = 128
MARGIN: Final = 16
"""Zeros before a row that is read shifted by one step; the widest step is 11 squares."""
OWN_STEPS: Final = 0 * STRIDE + MARGIN
"""Per origin, the lines in which the mover's piece takes one step without promoting."""
OWN_PROMOTIONS: Final = 1 * STRIDE + MARGIN
"""Per origin, the lines in which the mover's piece takes one step and promotes."""
KNIGHTS: Final = 2 * STRIDE + MARGIN
"""Per origin, jumps of knights: bits 0..3 of own ones, 4 and 5 of the opponent's."""
OPPONENT_STEPS: Final = 3 * STRIDE + MARGIN
"""Per origin, the lines in which the opponent's piece takes one step."""
NOT_OWN: Final = 4 * STRIDE
"""1 where no own piece stands."""
VACANT: Final = 5 * STRIDE
"""1 where a piece may be dropped."""
ATTACKED: Final = 6 * STRIDE
"""1 where the mover's king may not go."""
PIN_BARS: Final = 7 * STRIDE
"""Per own pinned piece, the lines it may not leave in; zero between calls."""
LINE_PIECES: Final = 8 * STRIDE
"""255 or 1 where a sliding piece or a king stands, read as words."""
ANSWERS: Final = 9 * STRIDE
"""1 on the squares that answer a check: the checking piece and what lies between."""
TARGETS: Final = 10 * STRIDE
"""1 where a piece other than the king may go."""
CODES: Final = 11 * STRIDE
"""The board with a tail of zeros."""
PAWN_DROPS: Final = 12 * STRIDE
LAST_PLANE: Final = 13 * STRIDE
COUNTS: Final = 14 * STRIDE
"""Per destination, the number of moves to it so far."""
SCRATCH_BYTES: Final = 15 * STRIDE

LINE_PIECE_WORDS: Final = LINE_PIECES // 8
NUM_WORDS: Final = 11
MAX_LISTED: Final = 40
"""No more sliding pieces than pieces."""
OPPONENTS_LISTED: Final = MAX_LISTED
KINGS_LISTED: Final = 2 * MAX_LISTED
LISTED: Final = 2 * MAX_LISTED + 2
"""Squares of own sliding pieces, then of the opponent's, then of the two kings."""

GOLD_BITS, SILVER_BITS = np.uint8(GOLD_STEPS), np.uint8(SILVER_STEPS)
HORSE_BITS, DRAGON_BITS = np.uint8(STEPS[HORSE]), np.uint8(STEPS[DRAGON])
ALL_BITS = np.uint8(ALL_LINES)
OPPONENT_PAWN_BITS, OPPONENT_GOLD_BITS = np.uint8(opposite(PAWN_STEPS)), np.uint8(opposite(GOLD_STEPS))
OPPONENT_SILVER_BITS = np.uint8(opposite(SILVER_STEPS))
OPPONENT_HORSE_BITS, OPPONENT_DRAGON_BITS = np.uint8(opposite(STEPS[HORSE])), np.uint8(opposite(STEPS[DRAGON]))

(
    OPPONENT_PAWN, OPPONENT_LANCE, OPPONENT_KNIGHT_CODE, OPPONENT_SILVER, OPPONENT_BISHOP, OPPONENT_ROOK,
    OPPONENT_GOLD, OPPONENT_KING, OPPONENT_TOKIN, OPPONENT_PROMOTED_LANCE, OPPONENT_PROMOTED_KNIGHT,
    OPPONENT_PROMOTED_SILVER, OPPONENT_HORSE, OPPONENT_DRAGON,
) = range(OPPONENT + PAWN, OPPONENT + DRAGON + 1)  # fmt: skip

SHIFT = np.array([MARGIN - DELTA[direction] for direction in range(NUM_DIRECTIONS)], np.uint64)
"""uint64 [10]; offset from a row's margin to the origin of a one-step move to a square."""
DOWN_SQUARE_LEFT: Final = 11
DOWN_SQUARE_RIGHT: Final = 7
"""An opponent's knight on `s` attacks `s + 11` and `s - 7`; an own one on `s` attacks `s - 11` and `s + 7`."""

NONE, MATE = int(Ending.NONE), int(Ending.MATE)
REPETITION, MAX_PLIES = int(Ending.REPETITION), int(Ending.MAX_PLIES)
PERPETUAL_CHECK_BY_MOVER = int(Ending.PERPETUAL_CHECK_BY_MOVER)
PERPETUAL_CHECK_BY_OPPONENT = int(Ending.PERPETUAL_CHECK_BY_OPPONENT)
DECLARATION = int(Ending.DECLARATION)


class Scratch(NamedTuple):
    """Working memory of the move generator; make it with `new_scratch`, one for each thread."""

    rows: UInt8Array
    """uint8 [1920]"""
    words: UInt64Array
    """uint64 [240], the same bytes."""
    listed: Int64Array
    """int64 [82]"""


def new_scratch() -> Scratch:
    """Makes the working memory of the move generator."""
    rows = np.zeros(SCRATCH_BYTES, np.uint8)
    return Scratch(rows, rows.view(np.uint64), np.zeros(LISTED, np.int64))


class PositionArrays(NamedTuple):
    """The arrays of `Positions`, flat."""

    board: UInt8Array
    hands: UInt8Array
    side_to_move: UInt8Array
    ply: NDArray[np.uint16]
    in_check: UInt8Array
    repetition: UInt8Array
    last_moves: UInt8Array


class GameArrays(NamedTuple):
    """What `step_games` reads and changes besides the current positions, flat."""

    legal: UInt8Array
    """uint8 [B * 2187]"""
    num_legal: NDArray[np.int32]
    reward: NDArray[np.float32]
    ending: UInt8Array
    keys: UInt64Array
    """uint64 [B], hash of board and hands; the side to move is left out because only plies of one side are compared."""
    history: UInt64Array
    """uint64 [B * 2 * T], hashes of the positions so far, even plies of the game first, then odd ones."""
    first_ply: NDArray[np.uint16]
    """uint16 [B], number of the ply at which the game began."""
    checks: NDArray[np.uint16]
    """uint16 [B * 2], how many of the latest moves of Black and White without a break gave check."""
    streams: UInt64Array
    """uint64 [B], random streams, never 0."""


# --- attacks ------------------------------------------------------------------------------------------------------
@kernel
def is_attacked(boards: UInt8Array, base: int, square: int, attackers: int, ignored: int) -> bool:
    """Tells whether pieces of one side attack a square, seeing through the piece on `ignored`.

    Args:
        boards: uint8 [N * 81].
        base: Where the board starts.
        square: The square that may be attacked.
        attackers: 0 for the mover's pieces, `OPPONENT` for the opponent's.
        ignored: Square seen as empty, -1 for none.
    """
    for line in range(NUM_LINES):
        seen = square
        for distance in range(RAY_LENGTH[square, line]):
            seen += DELTA[line]
            code = np.int64(boards[base + seen])
            if code == 0 or seen == ignored:
                continue
            if attackers < code <= attackers + OPPONENT:
                attacks = ATTACKS_NEXT[code] if distance == 0 else ATTACKS_FAR[code]
                if (attacks >> line) & 1:
                    return True
            break
    return is_attacked_by_knight(boards, base, square, attackers)


@kernel
def is_attacked_by_knight(boards: UInt8Array, base: int, square: int, attackers: int) -> bool:
    """Tells whether a knight of one side attacks a square."""
    file = square // 9
    rank = square - file * 9
    if attackers == OPPONENT:
        if rank >= 2:
            if file < 8 and boards[base + square + DOWN_SQUARE_RIGHT] == OPPONENT_KNIGHT_CODE:
                return True
            if file > 0 and boards[base + square - DOWN_SQUARE_LEFT] == OPPONENT_KNIGHT_CODE:
                return True
    elif rank <= 6:
        if file > 0 and boards[base + square - DOWN_SQUARE_RIGHT] == KNIGHT:
            return True
        if file < 8 and boards[base + square + DOWN_SQUARE_LEFT] == KNIGHT:
            return True
    return False


@kernel
def may_capture(boards: UInt8Array, base: int, king: int, origin: int, target: int) -> bool:
    """Tells whether the opponent may take on `target` from `origin` without leaving his king attacked."""
    code, taken = boards[base + origin], boards[base + target]
    boards[base + origin] = 0
    boards[base + target] = code
    is_safe = not is_attacked(boards, base, king, np.int64(0), np.int64(-1))
    boards[base + origin] = code
    boards[base + target] = taken
    return is_safe


@kernel
def has_flight(boards: UInt8Array, base: int, king: int) -> bool:
    """Tells whether the opponent's king has a square to go to."""
    for line in range(NUM_LINES):
        if RAY_LENGTH[king, line]:
            square = king + DELTA[line]
            if boards[base + square] <= OPPONENT and not is_attacked(boards, base, square, np.int64(0), king):
                return True
    return False


@kernel
def has_capture(boards: UInt8Array, base: int, king: int, target: int) -> bool:
    """Tells whether a piece of the opponent other than the king may take on `target`."""
    for line in range(NUM_LINES):
        seen = target
        for distance in range(RAY_LENGTH[target, line]):
            seen += DELTA[line]
            code = np.int64(boards[base + seen])
            if code == 0:
                continue
            if code > OPPONENT and code != OPPONENT_KING:
                attacks = ATTACKS_NEXT[code] if distance == 0 else ATTACKS_FAR[code]
                if (attacks >> line) & 1 and may_capture(boards, base, king, seen, target):
                    return True
            break
    for jump in range(NUM_LINES, NUM_DIRECTIONS):
        if RAY_LENGTH[target, jump]:
            seen = target + DELTA[jump]
            if boards[base + seen] == OPPONENT_KNIGHT_CODE and may_capture(boards, base, king, seen, target):
                return True
    return False


@kernel
def is_pawn_drop_mate(boards: UInt8Array, base: int, king: int) -> bool:
    """Tells whether a pawn dropped before the opponent's king, on an empty square, is mate (uchifuzume)."""
    target = king + 1
    boards[base + target] = PAWN
    is_mate = not has_flight(boards, base, king) and not has_capture(boards, base, king, target)
    boards[base + target] = 0
    return is_mate


# --- the legal move generator -------------------------------------------------------------------------------------
@stage
def spread_steps(boards: UInt8Array, board: u64, rows: UInt8Array) -> None:
    """Writes per origin which one-step moves its piece has, and which squares are free; one loop a row vectorises."""
    for square in range(u64(NUM_SQUARES)):
        rows[CODES + square] = boards[board + square]
    for square in range(u64(ROW)):
        code = rows[CODES + square]
        is_gold = (
            (code == GOLD) | (code == TOKIN) | (code == PROMOTED_LANCE) | (code == PROMOTED_KNIGHT)
            | (code == PROMOTED_SILVER)
        )  # fmt: skip
        steps = (is_gold * GOLD_BITS) | ((code == SILVER) * SILVER_BITS)
        steps |= ((code == HORSE) * HORSE_BITS) | ((code == DRAGON) * DRAGON_BITS)
        rows[OWN_STEPS + square] = (steps & NEIGHBOURS[square]) | ((code == PAWN) * PAWN_STAYS[square])
    for square in range(u64(ROW)):
        code = rows[CODES + square]
        promotions = ((code == PAWN) * PAWN_PROMOTES[square]) | ((code == SILVER) * SILVER_PROMOTES[square])
        rows[OWN_PROMOTIONS + square] = promotions
    for square in range(u64(ROW)):
        code = rows[CODES + square]
        jumps = (code == KNIGHT) * OWN_KNIGHT[square]
        rows[KNIGHTS + square] = jumps | ((code == OPPONENT_KNIGHT_CODE) * OPPONENT_KNIGHT[square])
    for square in range(u64(ROW)):
        code = rows[CODES + square]
        is_gold = (
            (code == OPPONENT_GOLD) | (code == OPPONENT_TOKIN) | (code == OPPONENT_PROMOTED_LANCE)
            | (code == OPPONENT_PROMOTED_KNIGHT) | (code == OPPONENT_PROMOTED_SILVER)
        )  # fmt: skip
        steps = (is_gold * OPPONENT_GOLD_BITS) | ((code == OPPONENT_PAWN) * OPPONENT_PAWN_BITS)
        steps |= ((code == OPPONENT_SILVER) * OPPONENT_SILVER_BITS) | ((code == OPPONENT_KING) * ALL_BITS)
        steps |= ((code == OPPONENT_HORSE) * OPPONENT_HORSE_BITS) | ((code == OPPONENT_DRAGON) * OPPONENT_DRAGON_BITS)
        rows[OPPONENT_STEPS + square] = steps & NEIGHBOURS[square]
    for square in range(u64(ROW)):
        code = rows[CODES + square]
        rows[NOT_OWN + square] = (code == 0) | (code > OPPONENT)
        rows[VACANT + square] = code == 0


@stage
def list_line_pieces(rows: UInt8Array, words: UInt64Array, listed: Int64Array) -> tuple[int, int]:
    """Lists the squares of sliding pieces and kings, and counts own and opponent's sliding pieces."""
    for square in range(u64(ROW)):
        code = rows[CODES + square]
        rows[LINE_PIECES + square] = (
            (code == LANCE) | (code == BISHOP) | (code == ROOK) | (code == KING) | (code == HORSE) | (code == DRAGON)
            | (code == OPPONENT_LANCE) | (code == OPPONENT_BISHOP) | (code == OPPONENT_ROOK)
            | (code == OPPONENT_KING) | (code == OPPONENT_HORSE) | (code == OPPONENT_DRAGON)
        )  # fmt: skip
    num_own = 0
    num_opponent = 0
    for word_idx in range(NUM_WORDS):
        word = np.int64(words[LINE_PIECE_WORDS + word_idx])
        while word:
            square = word_idx * 8 + (trailing_zeros(word) >> 3)
            word &= word - 1
            code = rows[CODES + square]
            if code == KING:
                listed[KINGS_LISTED] = square
            elif code == OPPONENT_KING:
                listed[KINGS_LISTED + 1] = square
            elif code <= OPPONENT:
                listed[num_own] = square
                num_own += 1
            else:
                listed[OPPONENTS_LISTED + num_opponent] = square
                num_opponent += 1
    return num_own, num_opponent


@stage
def mark_step_attacks(rows: UInt8Array) -> None:
    """Marks the squares that the opponent's one-step moves and knights attack."""
    for square in range(ROW):
        attacks = (
            rows[OPPONENT_STEPS + square + 1] | (rows[OPPONENT_STEPS + square - 8] >> 1)
            | (rows[OPPONENT_STEPS + square + 10] >> 2) | (rows[OPPONENT_STEPS + square - 9] >> 3)
            | (rows[OPPONENT_STEPS + square + 9] >> 4) | (rows[OPPONENT_STEPS + square - 1] >> 5)
            | (rows[OPPONENT_STEPS + square - 10] >> 6) | (rows[OPPONENT_STEPS + square + 8] >> 7)
            | (rows[KNIGHTS + square + DOWN_SQUARE_RIGHT] >> 4) | (rows[KNIGHTS + square - DOWN_SQUARE_LEFT] >> 5)
        )  # fmt: skip
        rows[ATTACKED + square] = attacks & 1


@stage
def find_step_checks(rows: UInt8Array, king: int) -> tuple[int, int]:
    """Counts the one-step moves and knights that check the king; returns the count and the last one's square."""
    num_checks = 0
    checker = king
    if rows[ATTACKED + king]:
        for line in range(NUM_LINES):
            if (rows[OPPONENT_STEPS - MARGIN + SHIFT[line] + u64(king)] >> line) & 1:
                num_checks += 1
                checker = king - DELTA[line]
        if (rows[KNIGHTS + king + DOWN_SQUARE_RIGHT] >> 4) & 1:
            num_checks += 1
            checker = king + DOWN_SQUARE_RIGHT
        if (rows[KNIGHTS + king - DOWN_SQUARE_LEFT] >> 5) & 1:
            num_checks += 1
            checker = king - DOWN_SQUARE_LEFT
    return num_checks, checker


@stage
def pin(rows: UInt8Array, square: int, line: int) -> None:
    """Leaves a pinned piece the moves along its line."""
    axis = np.uint8(AXIS[line])
    rows[OWN_STEPS + square] &= axis
    rows[OWN_PROMOTIONS + square] &= axis
    rows[KNIGHTS + square] = 0
    rows[PIN_BARS + square] = ~axis


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
            between = checker + DELTA[line]
            while between != king:
                rows[ANSWERS + between] = 1
                between += DELTA[line]
        for square in range(ROW):
            rows[TARGETS + square] = rows[NOT_OWN + square] & rows[ANSWERS + square]
            rows[VACANT + square] &= rows[ANSWERS + square]
    else:
        for square in range(ROW):
            rows[TARGETS + square] = 0
            rows[VACANT + square] = 0


@stage
def write_step_planes(rows: UInt8Array, legal: UInt8Array, mask: u64) -> None:
    """Writes the twenty planes of moves, with one-step moves and knights only.

    A loop runs over 96 squares, the vector width, and spills 15 bytes into the next plane, which is written later.
    Moves are counted here: reading the fresh mask again would cost 250 ns.
    """
    for square in range(ROW):
        rows[COUNTS + square] = 0
    for line in range(NUM_LINES):
        origin = SHIFT[line]
        bit = np.uint8(1 << line)
        plane = mask + u64(line * NUM_SQUARES)
        for square in range(u64(ROW)):
            is_legal = ((rows[origin + square] & bit) != 0) & rows[TARGETS + square]
            legal[plane + square] = is_legal
            rows[COUNTS + square] += is_legal
    for jump in range(u64(2)):
        origin = u64(KNIGHTS - MARGIN) + SHIFT[u64(NUM_LINES) + jump]
        bit = np.uint8(u64(1) << jump)
        plane = mask + (u64(NUM_LINES) + jump) * u64(NUM_SQUARES)
        for square in range(u64(ROW)):
            is_legal = ((rows[origin + square] & bit) != 0) & rows[TARGETS + square]
            legal[plane + square] = is_legal
            rows[COUNTS + square] += is_legal
    for line in range(NUM_LINES):
        origin = u64(OWN_PROMOTIONS - MARGIN) + SHIFT[line]
        bit = np.uint8(1 << line)
        plane = mask + u64((PROMOTIONS + line) * NUM_SQUARES)
        for square in range(u64(ROW)):
            is_legal = ((rows[origin + square] & bit) != 0) & rows[TARGETS + square]
            legal[plane + square] = is_legal
            rows[COUNTS + square] += is_legal
    for jump in range(u64(2)):
        origin = u64(KNIGHTS - MARGIN) + SHIFT[u64(NUM_LINES) + jump]
        bit = np.uint8(u64(4) << jump)
        plane = mask + (u64(PROMOTIONS + NUM_LINES) + jump) * u64(NUM_SQUARES)
        for square in range(u64(ROW)):
            is_legal = ((rows[origin + square] & bit) != 0) & rows[TARGETS + square]
            legal[plane + square] = is_legal
            rows[COUNTS + square] += is_legal


@stage
def find_pawn_drops(boards: UInt8Array, board: u64, rows: UInt8Array, has_pawn: bool, opponent_king: int) -> None:
    """Finds where a pawn may be dropped: not on the last rank, not on a file with an own pawn, not to mate."""
    for square in range(ROW):
        rows[PAWN_DROPS + square] = 0
    if has_pawn:
        for square in range(ROW):
            rows[PAWN_DROPS + square] = rows[VACANT + square] & MAY_DROP[0, square]
        for file in range(u64(9)):
            first = board + file * u64(9)
            has_own = False
            for rank in range(u64(9)):
                has_own |= boards[first + rank] == PAWN
            if has_own:
                for rank in range(u64(9)):
                    rows[u64(PAWN_DROPS) + file * u64(9) + rank] = 0
        if (
            RANK[opponent_king] < 8
            and rows[PAWN_DROPS + opponent_king + 1]
            and is_pawn_drop_mate(boards, np.int64(board), np.int64(opponent_king))
        ):
            rows[PAWN_DROPS + opponent_king + 1] = 0


@stage
def write_drop_planes(hands: UInt8Array, hand: int, rows: UInt8Array, legal: UInt8Array, mask: u64) -> None:
    """Writes the seven planes of drops; the last one must not spill into the next game's mask."""
    plane = mask + u64(DROPS * NUM_SQUARES)
    for square in range(u64(ROW)):
        is_legal = rows[PAWN_DROPS + square]
        legal[plane + square] = is_legal
        rows[COUNTS + square] += is_legal
    for kind in range(1, NUM_HAND_KINDS - 1):
        has_piece = np.uint8(hands[hand + kind] != 0)
        plane = mask + u64((DROPS + kind) * NUM_SQUARES)
        for square in range(u64(ROW)):
            is_legal = rows[VACANT + square] & MAY_DROP[kind, square] & has_piece
            legal[plane + square] = is_legal
            rows[COUNTS + square] += is_legal
    has_piece = np.uint8(hands[hand + NUM_HAND_KINDS - 1] != 0)
    plane = mask + u64((DROPS + NUM_HAND_KINDS - 1) * NUM_SQUARES)
    for square in range(u64(ROW)):
        is_legal = rows[VACANT + square] & MAY_DROP[NUM_HAND_KINDS - 1, square] & has_piece
        rows[LAST_PLANE + square] = is_legal
        rows[COUNTS + square] += is_legal
    for square in range(u64(64)):
        legal[plane + square] = rows[LAST_PLANE + square]
    for square in range(u64(NUM_SQUARES - 64), u64(NUM_SQUARES)):
        legal[plane + square] = rows[LAST_PLANE + square]


@stage
def write_slides(
    rows: UInt8Array, listed: Int64Array, num_own: int, has_pins: bool, legal: UInt8Array, mask: u64
) -> int:
    """Adds the moves of the mover's sliding pieces; returns how many."""
    num_moves = 0
    for entry in range(num_own):
        origin = listed[entry]
        code = np.int64(rows[CODES + origin])
        lines = OWN_SLIDES[code]
        if has_pins:
            lines &= ~np.int64(rows[PIN_BARS + origin])
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
                        legal[mask + u64(plane + square)] = 1
                        num_moves += 1
                    if promotes and (RANK[square] < 3 or origin_rank < 3):
                        legal[mask + u64(PROMOTIONS * NUM_SQUARES + plane + square)] = 1
                        num_moves += 1
                if rows[CODES + square]:
                    break
    return num_moves


@stage
def write_king_moves(rows: UInt8Array, king: int, legal: UInt8Array, mask: u64) -> int:
    """Adds the king's moves to squares that are not attacked; returns how many."""
    num_moves = 0
    for line in range(NUM_LINES):
        if RAY_LENGTH[king, line]:
            square = king + DELTA[line]
            if rows[NOT_OWN + square] and rows[ATTACKED + square] == 0:
                legal[mask + u64(line * NUM_SQUARES + square)] = 1
                num_moves += 1
    return num_moves


@stage
def trace_opponent_slides(
    rows: UInt8Array, listed: Int64Array, num_opponent: int, king: int
) -> tuple[int, int, int, int]:
    """Marks what the opponent's sliding pieces attack, seeing through the mover's king, and pins own pieces.

    Returns:
        Number of checks, square of the last checking piece and its line (-1 for none), number of pins.
    """
    num_checks, checker, check_line, num_pins = 0, king, -1, 0
    for entry in range(num_opponent):
        origin = listed[OPPONENTS_LISTED + entry]
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
            shield = -1
            is_check = False
            for _ in range(RAY_LENGTH[origin, line]):
                square += DELTA[line]
                if shield < 0:
                    rows[ATTACKED + square] = 1
                code = rows[CODES + square]
                if code == 0:
                    continue
                if code == KING:
                    if shield < 0:
                        num_checks += 1
                        checker, check_line, is_check = origin, line, True
                        continue
                    pin(rows, shield, line)
                    num_pins += 1
                    break
                if code > OPPONENT or shield >= 0 or is_check:
                    break
                shield = square
    return num_checks, checker, check_line, num_pins


@kernel
def generate(
    boards: UInt8Array,
    hands: UInt8Array,
    row: int,
    legal: UInt8Array,
    rows: UInt8Array,
    words: UInt64Array,
    listed: Int64Array,
) -> tuple[int, int]:
    """Writes the legal moves of one position as a mask.

    Works by planes, not by moves: a one-step move is a row of bytes shifted by the step and cut with the row of free
    targets, which vector instructions do for all squares at once; only sliding pieces, pins and checks walk the board.

    Args:
        boards: uint8 [N * 81], as it was on return (a pawn is tried on it).
        hands: uint8 [N * 14].
        row: Which position.
        legal: uint8 [N * 2187], the position's part is overwritten.
        rows, words, listed: See `Scratch`.

    Returns:
        Number of legal moves, and 1 if the mover is in check.
    """
    board = u64(row) * u64(NUM_SQUARES)
    mask = u64(row) * u64(NUM_ACTIONS)
    hand = row * BOTH_HANDS
    spread_steps(boards, board, rows)
    num_own, num_opponent = list_line_pieces(rows, words, listed)
    king, opponent_king = listed[KINGS_LISTED], listed[KINGS_LISTED + 1]
    mark_step_attacks(rows)
    num_checks, checker = find_step_checks(rows, king)
    num_slides, slider, check_line, num_pins = trace_opponent_slides(rows, listed, num_opponent, king)
    if num_slides:
        num_checks += num_slides
        checker = slider
    restrict_to_answers(rows, num_checks, checker, check_line, king)
    write_step_planes(rows, legal, mask)
    find_pawn_drops(boards, board, rows, hands[hand] != 0 and num_checks < 2, opponent_king)
    write_drop_planes(hands, hand, rows, legal, mask)
    num_moves = np.int64(0)
    if num_checks < 2:
        num_moves += write_slides(rows, listed, num_own, num_pins > 0, legal, mask)
    if num_pins:
        for square in range(ROW):
            rows[PIN_BARS + square] = 0
    num_moves += write_king_moves(rows, king, legal, mask)
    for square in range(ROW):
        num_moves += np.int64(rows[COUNTS + square])
    return num_moves, np.int64(num_checks > 0)


# --- playing ------------------------------------------------------------------------------------------------------
@stage
def absolute(square: int, side: int) -> int:
    """Returns Black's name of a square of the mover's view, or the reverse."""
    return square if side == BLACK else NUM_SQUARES - 1 - square


@stage
def piece_key(code: int, square: int, side: int) -> u64:
    """Returns the key of an own or opponent's piece on a square of the mover's view."""
    if side != BLACK:
        code = code + OPPONENT if code <= OPPONENT else code - OPPONENT
    return PIECE_KEYS[code, absolute(square, side)]  # type: ignore[no-any-return]


@stage
def turn(boards: UInt8Array, hands: UInt8Array, row: int, rows: UInt8Array) -> None:
    """Turns a position to the other player's view."""
    board = u64(row) * u64(NUM_SQUARES)
    for square in range(u64(NUM_SQUARES)):
        code = boards[board + square]
        own = np.uint8(code + np.uint8(OPPONENT)) if code <= OPPONENT else np.uint8(code - np.uint8(OPPONENT))
        rows[u64(LAST_PLANE + NUM_SQUARES - 1) - square] = np.uint8(0) if code == 0 else own
    for square in range(u64(NUM_SQUARES)):
        boards[board + square] = rows[LAST_PLANE + square]
    hand = row * BOTH_HANDS
    for kind in range(NUM_HAND_KINDS):
        count = hands[hand + kind]
        hands[hand + kind] = hands[hand + NUM_HAND_KINDS + kind]
        hands[hand + NUM_HAND_KINDS + kind] = count


@kernel
def find_origin(boards: UInt8Array, row: int, action: int) -> int:
    """Returns the origin of a move: the first piece met going back from the destination; `NO_SQUARE` for a drop."""
    plane = action // NUM_SQUARES
    if plane >= DROPS:
        return NO_SQUARE
    direction = plane - PROMOTIONS if plane >= PROMOTIONS else plane
    origin = action - plane * NUM_SQUARES - DELTA[direction]
    while direction < NUM_LINES and boards[row * NUM_SQUARES + origin] == 0:
        origin -= DELTA[direction]
    return origin


@kernel
def apply(
    boards: UInt8Array, hands: UInt8Array, row: int, action: int, side: int, key: u64, rows: UInt8Array
) -> tuple[int, u64]:
    """Plays a legal action and turns the view; returns the origin (in the old view) and the new hash."""
    board, hand = row * NUM_SQUARES, row * BOTH_HANDS
    plane = action // NUM_SQUARES
    destination = action - plane * NUM_SQUARES
    origin = find_origin(boards, row, action)
    if plane >= DROPS:
        kind = plane - DROPS
        code = kind + 1
        count = np.int64(hands[hand + kind])
        key ^= HAND_KEYS[side, kind, count] ^ HAND_KEYS[side, kind, count - 1]
        hands[hand + kind] = count - 1
    else:
        code = np.int64(boards[board + origin])
        captured = np.int64(boards[board + destination])
        key ^= piece_key(code, origin, side)
        boards[board + origin] = 0
        if captured:
            kind = KIND_IN_HAND[captured]
            count = np.int64(hands[hand + kind])
            key ^= piece_key(captured, destination, side)
            key ^= HAND_KEYS[side, kind, count] ^ HAND_KEYS[side, kind, count + 1]
            hands[hand + kind] = count + 1
        if plane >= PROMOTIONS:
            code += PROMOTED
    key ^= piece_key(code, destination, side)
    boards[board + destination] = code
    turn(boards, hands, row, rows)
    return origin, key


@stage
def note_move(last_moves: UInt8Array, row: int, origin: int, destination: int) -> None:
    """Moves the last move to second place and writes the new one, both in the next mover's view."""
    first = row * 4
    for end in range(2):
        square = last_moves[first + end]
        last_moves[first + 2 + end] = square if square == NO_SQUARE else NUM_SQUARES - 1 - square
    last_moves[first] = origin if origin == NO_SQUARE else NUM_SQUARES - 1 - origin
    last_moves[first + 1] = NUM_SQUARES - 1 - destination


@kernel
def can_declare(boards: UInt8Array, hands: UInt8Array, row: int, king: int, side: int) -> bool:
    """Tells whether the mover, not in check, meets the 27-point declaration (CSA rule).

    King and at least ten other own pieces in the far three ranks; pieces there and in hand count 5 for rook and
    bishop, promoted or not, and 1 for the others; Black needs 28 points, White 27.
    """
    if RANK[king] > 2:
        return False
    board, hand = row * NUM_SQUARES, row * BOTH_HANDS
    num_pieces, points = 0, 0
    for file in range(9):
        for rank in range(3):
            code = np.int64(boards[board + file * 9 + rank])
            if 0 < code <= OPPONENT and code != KING:
                num_pieces += 1
                is_big = code in (BISHOP, ROOK, HORSE, DRAGON)
                points += 5 if is_big else 1
    for kind in range(NUM_HAND_KINDS):
        is_big = kind == BISHOP - 1 or kind == ROOK - 1
        points += np.int64(hands[hand + kind]) * (5 if is_big else 1)
    return num_pieces >= 10 and points >= 28 - side


@stage
def repetition_ending(
    history: UInt64Array, first: int, latest: int, key: u64, mover_checks: int, opponent_checks: int
) -> int:
    """Judges a fourth occurrence: who, if anyone, gave check with every move since the first one."""
    earliest = 0
    while history[first + earliest] != key:
        earliest += 1
    if mover_checks >= latest - earliest:
        return PERPETUAL_CHECK_BY_MOVER
    if opponent_checks >= latest - earliest:
        return PERPETUAL_CHECK_BY_OPPONENT
    return REPETITION


@kernel
def play(positions: PositionArrays, games: GameArrays, row: int, action: int, max_plies: int, scratch: Scratch) -> int:
    """Plays a legal action in one game, writes the next position and its legal moves, and returns the ending."""
    side = np.int64(positions.side_to_move[row])
    origin, key = apply(positions.board, positions.hands, row, action, side, games.keys[row], scratch.rows)
    note_move(positions.last_moves, row, origin, action % NUM_SQUARES)
    games.keys[row] = key
    positions.side_to_move[row] = 1 - side
    ply = np.int64(positions.ply[row]) + 1
    positions.ply[row] = ply
    num_legal, in_check = generate(
        positions.board, positions.hands, row, games.legal, scratch.rows, scratch.words, scratch.listed
    )
    games.num_legal[row] = num_legal
    positions.in_check[row] = in_check
    games.checks[2 * row + side] = games.checks[2 * row + side] + 1 if in_check else 0

    num_plies = ply - np.int64(games.first_ply[row])
    half = len(games.history) // (2 * len(games.keys))
    first = (2 * row + (num_plies & 1)) * half
    latest = num_plies >> 1
    times = np.int64(0)
    for earlier in range(u64(latest)):
        times += np.int64(games.history[u64(first) + earlier] == key)
    games.history[first + latest] = key
    positions.repetition[row] = min(times, 3)

    if num_legal == 0:
        return MATE
    if times >= 3:
        mover_checks, opponent_checks = games.checks[2 * row + side], games.checks[2 * row + 1 - side]
        return repetition_ending(games.history, first, latest, key, mover_checks, opponent_checks)
    king = scratch.listed[KINGS_LISTED]
    if not in_check and can_declare(positions.board, positions.hands, row, king, 1 - side):
        return DECLARATION
    return MAX_PLIES if ply >= max_plies else NONE


@kernel
def copy_position(source: PositionArrays, source_row: int, target: PositionArrays, row: int) -> None:
    """Copies one position."""
    for square in range(u64(NUM_SQUARES)):
        target.board[u64(row) * u64(NUM_SQUARES) + square] = source.board[u64(source_row) * u64(NUM_SQUARES) + square]
    for kind in range(BOTH_HANDS):
        target.hands[row * BOTH_HANDS + kind] = source.hands[source_row * BOTH_HANDS + kind]
    for end in range(4):
        target.last_moves[row * 4 + end] = source.last_moves[source_row * 4 + end]
    target.side_to_move[row] = source.side_to_move[source_row]
    target.ply[row] = source.ply[source_row]
    target.in_check[row] = source.in_check[source_row]
    target.repetition[row] = source.repetition[source_row]


@stage
def draw(streams: UInt64Array, row: int, bound: int) -> int:
    """Draws a number below `bound` from a game's random stream (xorshift64, Marsaglia 2003)."""
    state = streams[row]
    state ^= state << u64(13)
    state ^= state >> u64(7)
    state ^= state << u64(17)
    streams[row] = state
    return np.int64(((state >> u64(32)) * u64(bound)) >> u64(32))  # type: ignore[return-value]


@kernel
def sample(legal: UInt8Array, num_legal: int, streams: UInt64Array, row: int) -> int:
    """Draws one of a game's legal actions; blocks of 64 are skipped by their count."""
    rest = np.int32(draw(streams, row, num_legal))
    mask = u64(row) * u64(NUM_ACTIONS)
    place = mask
    while True:
        count = np.int32(0)
        for offset in range(u64(64)):
            count += np.int32(legal[place + offset])
        if rest < count:
            break
        rest -= count
        place += u64(64)
    while True:
        if legal[place]:
            if rest == 0:
                break
            rest -= 1
        place += u64(1)
    return np.int64(place - mask)  # type: ignore[return-value]


@kernel
def set_up(
    positions: PositionArrays, games: GameArrays, row: int, starts: PositionArrays, start: int, scratch: Scratch
) -> None:
    """Puts one game on a start position."""
    copy_position(starts, start, positions, row)
    half = len(games.history) // (2 * len(games.keys))
    games.first_ply[row] = positions.ply[row]
    games.keys[row] = 0
    games.history[2 * row * half] = 0
    games.checks[2 * row] = 0
    games.checks[2 * row + 1] = 0
    num_legal, _ = generate(
        positions.board, positions.hands, row, games.legal, scratch.rows, scratch.words, scratch.listed
    )
    games.num_legal[row] = num_legal


@kernel
def begin(
    positions: PositionArrays,
    games: GameArrays,
    row: int,
    starts: PositionArrays,
    min_random: int,
    max_random: int,
    max_plies: int,
    scratch: Scratch,
) -> None:
    """Begins one game: a start position, then random plies, all taken back if they end the game."""
    start = draw(games.streams, row, len(starts.ply))
    set_up(positions, games, row, starts, start, scratch)
    for _ in range(min_random + draw(games.streams, row, max_random - min_random + 1)):
        action = sample(games.legal, np.int64(games.num_legal[row]), games.streams, row)
        if play(positions, games, row, action, max_plies, scratch) != NONE:
            set_up(positions, games, row, starts, start, scratch)
            break


@kernel
def find_illegal(legal: UInt8Array, actions: NDArray[np.int32]) -> int:
    """Returns the first row whose action is neither `LEAVE` nor legal, -1 if there is none."""
    for row in range(len(actions)):
        action = np.int64(actions[row])
        if action != LEAVE and (action < 0 or action >= NUM_ACTIONS or legal[row * NUM_ACTIONS + action] == 0):
            return row
    return -1


@kernel
def step_games(
    low: int,
    high: int,
    actions: NDArray[np.int32],
    positions: PositionArrays,
    games: GameArrays,
    final: PositionArrays,
    starts: PositionArrays,
    min_random: int,
    max_random: int,
    max_plies: int,
    resets: bool,
) -> None:
    """Plays one action in each of the games `low` to `high`; finished games begin anew if `resets`."""
    rows = np.zeros(SCRATCH_BYTES, np.uint8)
    scratch = Scratch(rows, rows.view(np.uint64), np.zeros(LISTED, np.int64))
    for row in range(low, high):
        games.reward[row] = 0
        games.ending[row] = NONE
        action = np.int64(actions[row])
        if action >= 0:
            ending = play(positions, games, row, action, max_plies, scratch)
            if ending == NONE:
                continue
            games.ending[row] = ending
            if ending in (MATE, PERPETUAL_CHECK_BY_OPPONENT):
                games.reward[row] = 1
            elif ending in (PERPETUAL_CHECK_BY_MOVER, DECLARATION):
                games.reward[row] = -1
            copy_position(positions, row, final, row)
            if not resets:
                games.num_legal[row] = 0
                for place in range(u64(row) * u64(NUM_ACTIONS), u64(row + 1) * u64(NUM_ACTIONS)):
                    games.legal[place] = 0
        if action == BEGIN or (action >= 0 and resets):
            begin(positions, games, row, starts, min_random, max_random, max_plies, scratch)


@kernel
def sample_games(
    legal: UInt8Array, num_legal: NDArray[np.int32], streams: UInt64Array, actions: NDArray[np.int32]
) -> None:
    """Draws one legal action for each game, -1 where there is none."""
    for row in range(len(actions)):
        actions[row] = LEAVE
        if num_legal[row] > 0:
            actions[row] = sample(legal, np.int64(num_legal[row]), streams, row)


@kernel
def generate_all(
    boards: UInt8Array, hands: UInt8Array, legal: UInt8Array, num_legal: NDArray[np.int32], in_check: UInt8Array
) -> None:
    """Writes the legal moves of all positions as masks, their numbers, and the check flags."""
    rows = np.zeros(SCRATCH_BYTES, np.uint8)
    words, listed = rows.view(np.uint64), np.zeros(LISTED, np.int64)
    for row in range(len(num_legal)):
        num_legal[row], in_check[row] = generate(boards, hands, row, legal, rows, words, listed)


@kernel
def count_leaves(
    boards: UInt8Array, hands: UInt8Array, legal: UInt8Array, cursors: Int64Array, side: int, depth: int
) -> int:
    """Counts the positions `depth` plies below position 0; row d of the arrays holds ply d.

    The last ply is not played: its moves are counted.
    """
    rows = np.zeros(SCRATCH_BYTES, np.uint8)
    words, listed = rows.view(np.uint64), np.zeros(LISTED, np.int64)
    num_legal, _ = generate(boards, hands, 0, legal, rows, words, listed)
    if depth == 1:
        return num_legal
    total = np.int64(0)
    cursors[0] = 0
    ply = 0
    while ply >= 0:
        action = cursors[ply]
        while action < NUM_ACTIONS and legal[ply * NUM_ACTIONS + action] == 0:
            action += 1
        if action == NUM_ACTIONS:
            ply -= 1
            continue
        cursors[ply] = action + 1
        for square in range(NUM_SQUARES):
            boards[(ply + 1) * NUM_SQUARES + square] = boards[ply * NUM_SQUARES + square]
        for kind in range(BOTH_HANDS):
            hands[(ply + 1) * BOTH_HANDS + kind] = hands[ply * BOTH_HANDS + kind]
        apply(boards, hands, ply + 1, action, (side + ply) & 1, u64(0), rows)
        num_legal, _ = generate(boards, hands, ply + 1, legal, rows, words, listed)
        if ply + 2 == depth:
            total += num_legal
        else:
            ply += 1
            cursors[ply] = 0
    return total  # type: ignore[return-value]
