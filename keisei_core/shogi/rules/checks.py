"""Moves that give check and moves that mate; the position after a move."""

from typing import NamedTuple

import numpy as np

from keisei_core.shogi.actions import DROPS, KNIGHT_LEFT, KNIGHT_RIGHT, NUM_ACTIONS, NUM_DIRECTIONS, PROMOTIONS
from keisei_core.shogi.compile import inner, kernel, signed, stage, unsigned
from keisei_core.shogi.positions import NUM_HAND_KINDS, NUM_SQUARES, OPPONENT, UInt8Array
from keisei_core.shogi.rules.gains import mark_arrivals
from keisei_core.shogi.rules.generate import BOTH_HANDS, clear_pins, find_targets, generate, king_step
from keisei_core.shogi.rules.hashing import NO_KEY
from keisei_core.shogi.rules.play import apply, find_origin
from keisei_core.shogi.rules.scratch import (
    COUNTS,
    OWN_KING,
    OWN_PROMOTIONS,
    OWN_STEPS,
    SPARE,
    VACANT,
    Scratch,
    new_scratch,
)
from keisei_core.shogi.tables import (
    ATTACKS_FAR,
    ATTACKS_NEXT,
    DELTA,
    DIRECTION_TO,
    KING,
    KNIGHT,
    NUM_LINES,
    PROMOTED,
    RAY_LENGTH,
    ROW,
    Int32Array,
)

MAX_CHECKS = 1024
"""More than a position can have, a double check counted twice."""


class Workspace(NamedTuple):
    """Working memory to try moves in; one for each thread."""

    boards: UInt8Array
    """uint8 [81], the position after a move."""
    hands: UInt8Array
    """uint8 [14]."""
    legal: UInt8Array
    """uint8 [2187], its legal moves."""
    checks: Int32Array
    """int32 [1024], moves that give check."""
    targets: UInt8Array
    """uint8 [96], where pieces may move to."""
    scratch: Scratch


def new_workspace() -> Workspace:
    """Makes working memory for one thread."""
    return Workspace(
        np.zeros(NUM_SQUARES, np.uint8),
        np.zeros(BOTH_HANDS, np.uint8),
        np.zeros(NUM_ACTIONS, np.uint8),
        np.zeros(MAX_CHECKS, np.int32),
        np.zeros(ROW, np.uint8),
        new_scratch(),
    )


@inner
def code_after(boards: UInt8Array, row: int, action: int) -> int:
    """Returns which piece a legal action puts on its destination."""
    plane = action // NUM_SQUARES
    if plane >= DROPS:
        return plane - DROPS + 1
    code = signed(boards[row * NUM_SQUARES + find_origin(boards, row, action)])
    return code + PROMOTED if plane >= PROMOTIONS else code


@inner
def mark_targets(legal: UInt8Array, row: int, targets: UInt8Array) -> None:
    """Writes into `targets` [96] which squares a piece on the board can move to; what follows the 81 means nothing."""
    mask = unsigned(row) * unsigned(NUM_ACTIONS)
    for square in range(unsigned(ROW)):
        targets[square] = 0
    for plane in range(unsigned(DROPS)):
        for square in range(unsigned(ROW)):
            targets[square] |= legal[mask + plane * unsigned(NUM_SQUARES) + square]


@inner
def add_checks_on(
    boards: UInt8Array,
    row: int,
    legal: UInt8Array,
    square: int,
    line: int,
    is_next: bool,
    is_target: bool,
    checks: Int32Array,
    num: int,
) -> int:
    """Adds the moves to a square that is seen from the opponent's king along a line, if they attack it from there."""
    for plane in range(0 if is_target else DROPS, DROPS + NUM_HAND_KINDS):
        action = plane * NUM_SQUARES + square
        if legal[row * NUM_ACTIONS + action]:
            code = code_after(boards, row, action)
            attacks = ATTACKS_NEXT[code] if is_next else ATTACKS_FAR[code]
            if (attacks >> line) & 1:
                checks[num] = action
                num += 1
    return num


@inner
def add_discovered(
    boards: UInt8Array, row: int, legal: UInt8Array, king: int, origin: int, line: int, checks: Int32Array, num: int
) -> int:
    """Adds the moves of a piece that leaves the line between an own sliding piece and the opponent's king."""
    for direction in range(NUM_DIRECTIONS):
        square = origin
        for _ in range(RAY_LENGTH[origin, direction]):
            square += signed(DELTA[direction])
            if DIRECTION_TO[king, square] != line:
                for plane in (direction, direction + PROMOTIONS):
                    if legal[row * NUM_ACTIONS + plane * NUM_SQUARES + square]:
                        checks[num] = plane * NUM_SQUARES + square
                        num += 1
            if boards[row * NUM_SQUARES + square]:
                break
    return num


@inner
def add_knight_checks(legal: UInt8Array, row: int, king: int, checks: Int32Array, num: int) -> int:
    """Adds the moves and drops of a knight to where it attacks the opponent's king."""
    file = king // 9
    if king - file * 9 > 6:
        return num
    for side in range(2):
        if (file == 0 and side == 0) or (file == 8 and side == 1):
            continue
        square = king - signed(DELTA[KNIGHT_LEFT + side])
        for plane in (KNIGHT_LEFT, KNIGHT_RIGHT, DROPS + KNIGHT - 1):
            if legal[row * NUM_ACTIONS + plane * NUM_SQUARES + square]:
                checks[num] = plane * NUM_SQUARES + square
                num += 1
    return num


@inner
def list_checks(boards: UInt8Array, row: int, legal: UInt8Array, checks: Int32Array, targets: UInt8Array) -> int:
    """Lists the legal moves that give check, a double check perhaps twice; returns how many were written.

    Looks from the opponent's king along the eight lines as far as the first piece: a move to a square seen there is a
    direct check if the piece attacks back along the line; an own piece seen first may uncover one behind it.
    """
    board = row * NUM_SQUARES
    king = 0
    while king < NUM_SQUARES and boards[board + king] != OPPONENT + KING:
        king += 1
    if king == NUM_SQUARES:
        return signed(0)
    mark_targets(legal, row, targets)
    num = add_knight_checks(legal, row, king, checks, signed(0))
    for line in range(NUM_LINES):
        square = king
        blocker = -1
        for distance in range(RAY_LENGTH[king, line]):
            square += signed(DELTA[line])
            code = signed(boards[board + square])
            if blocker >= 0:
                if code:
                    if code <= OPPONENT and (ATTACKS_FAR[code] >> line) & 1:
                        num = add_discovered(boards, row, legal, king, blocker, line, checks, num)
                    break
            elif code and code <= OPPONENT:
                blocker = square
            else:
                is_target = targets[square] != 0
                num = add_checks_on(boards, row, legal, square, line, distance == 0, is_target, checks, num)
                if code:
                    break
    return num


@stage
def try_move(boards: UInt8Array, hands: UInt8Array, row: int, action: int, work: Workspace) -> None:
    """Plays a legal action on a copy of the position, which the workspace then holds from the opponent's view."""
    for square in range(unsigned(NUM_SQUARES)):
        work.boards[square] = boards[unsigned(row) * unsigned(NUM_SQUARES) + square]
    for kind in range(BOTH_HANDS):
        work.hands[kind] = hands[row * BOTH_HANDS + kind]
    apply(work.boards, work.hands, signed(0), action, signed(0), NO_KEY, work.scratch.rows)


@inner
def count_replies(boards: UInt8Array, hands: UInt8Array, row: int, action: int, work: Workspace) -> int:
    """Plays a legal action on a copy; returns the opponent's number of legal moves, which `work.legal` then holds."""
    try_move(boards, hands, row, action, work)
    num_legal, _ = generate(work.boards, work.hands, signed(0), work.legal, work.scratch)
    return num_legal


@inner
def has_move(work: Workspace) -> bool:
    """Tells whether the position that a workspace holds has a legal move; lists moves only where drops must decide."""
    rows = work.scratch.rows
    _, num_pins = find_targets(work.boards, unsigned(0), work.scratch)
    clear_pins(rows, num_pins)
    num_steps = signed(0)
    for line in range(NUM_LINES):
        num_steps += signed(king_step(rows, work.scratch.listed[OWN_KING], line)[1])
    if num_steps:
        return True
    mark_arrivals(rows, OWN_STEPS, 0, COUNTS)
    mark_arrivals(rows, OWN_PROMOTIONS, 2, SPARE)
    num_arrivals, num_vacant = signed(0), signed(0)
    for square in range(ROW):
        num_arrivals += signed(rows[COUNTS + square] | rows[SPARE + square])
        num_vacant += signed(rows[VACANT + square])
    if num_arrivals or num_vacant == 0:
        return num_arrivals > 0
    return generate(work.boards, work.hands, signed(0), work.legal, work.scratch)[0] > 0


@inner
def find_mate(boards: UInt8Array, hands: UInt8Array, row: int, legal: UInt8Array, work: Workspace) -> int:
    """Returns a legal move that mates, -1 if there is none. Stalemate, which Shogi hardly knows, is not looked for."""
    for index in range(list_checks(boards, row, legal, work.checks, work.targets)):
        action = signed(work.checks[index])
        try_move(boards, hands, row, action, work)
        if not has_move(work):
            return action
    return -1


@inner
def mark_mates_of(
    boards: UInt8Array, hands: UInt8Array, row: int, legal: UInt8Array, mates: UInt8Array, work: Workspace
) -> int:
    """Writes 1 into a row of `mates` for every legal move that mates; returns how often it did."""
    num = signed(0)
    for index in range(list_checks(boards, row, legal, work.checks, work.targets)):
        action = signed(work.checks[index])
        try_move(boards, hands, row, action, work)
        if not has_move(work):
            mates[row * NUM_ACTIONS + action] = 1
            num += 1
    return num


@kernel
def mark_mates(boards: UInt8Array, hands: UInt8Array, legal: UInt8Array, mates: UInt8Array, work: Workspace) -> None:
    """Writes 1 into `mates` [N * 2187], all zeros before, for every legal move that mates."""
    for row in range(len(boards) // NUM_SQUARES):
        mark_mates_of(boards, hands, signed(row), legal, mates, work)
