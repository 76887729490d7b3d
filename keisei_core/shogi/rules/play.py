"""Playing one action on a board: pieces, hands, hash, last moves, and turning the view."""

import numpy as np

from keisei_core.shogi.actions import DROPS, PROMOTIONS
from keisei_core.shogi.compile import inner, kernel, signed, stage, unsigned
from keisei_core.shogi.positions import NO_SQUARE, NUM_HAND_KINDS, NUM_SQUARES, OPPONENT, UInt8Array
from keisei_core.shogi.rules.generate import BOTH_HANDS
from keisei_core.shogi.rules.hashing import key_after
from keisei_core.shogi.rules.scratch import SPARE
from keisei_core.shogi.tables import DELTA, KIND_IN_HAND, NUM_LINES, PROMOTED

LAST_SQUARE = NUM_SQUARES - 1
OPPONENT_CODE = np.uint8(OPPONENT)


@kernel
def find_origin(boards: UInt8Array, row: int, action: int) -> int:
    """Returns the origin of a legal move: the first piece met going back from the destination; 255 for a drop."""
    plane = action // NUM_SQUARES
    if plane >= DROPS:
        return NO_SQUARE
    direction = plane - PROMOTIONS if plane >= PROMOTIONS else plane
    delta = signed(DELTA[direction])
    origin = action - plane * NUM_SQUARES - delta
    while direction < NUM_LINES and boards[row * NUM_SQUARES + origin] == 0:
        origin -= delta
    return origin


@stage
def turn(boards: UInt8Array, hands: UInt8Array, row: int, rows: UInt8Array) -> None:
    """Turns a position to the other player's view."""
    board = unsigned(row) * unsigned(NUM_SQUARES)
    for square in range(unsigned(NUM_SQUARES)):
        code = boards[board + square]
        other = np.uint8(code + OPPONENT_CODE) if code <= OPPONENT else np.uint8(code - OPPONENT_CODE)
        rows[unsigned(SPARE + LAST_SQUARE) - square] = np.uint8(0) if code == 0 else other
    for square in range(unsigned(NUM_SQUARES)):
        boards[board + square] = rows[SPARE + square]
    hand = row * BOTH_HANDS
    for kind in range(NUM_HAND_KINDS):
        count = hands[hand + kind]
        hands[hand + kind] = hands[hand + NUM_HAND_KINDS + kind]
        hands[hand + NUM_HAND_KINDS + kind] = count


@inner
def apply(
    boards: UInt8Array, hands: UInt8Array, row: int, action: int, side: int, key: np.uint64, rows: UInt8Array
) -> tuple[int, np.uint64]:
    """Plays a legal action and turns the view; returns the origin in the old view, and the new hash."""
    board, hand = row * NUM_SQUARES, row * BOTH_HANDS
    plane = action // NUM_SQUARES
    destination = action - plane * NUM_SQUARES
    origin = signed(find_origin(boards, row, action))
    key = key_after(boards, hands, row, action, origin, side, key)
    if plane >= DROPS:
        kind = plane - DROPS
        code = kind + 1
        hands[hand + kind] -= 1
    else:
        code = signed(boards[board + origin])
        captured = signed(boards[board + destination])
        boards[board + origin] = 0
        if captured:
            hands[hand + signed(KIND_IN_HAND[captured])] += 1
        if plane >= PROMOTIONS:
            code += PROMOTED
    boards[board + destination] = code
    turn(boards, hands, row, rows)
    return origin, key


@stage
def note_move(last_moves: UInt8Array, row: int, origin: int, destination: int) -> None:
    """Moves the last move to second place and notes the new one, all in the next mover's view."""
    first = row * 4
    for end in range(2):
        square = last_moves[first + end]
        last_moves[first + 2 + end] = square if square == NO_SQUARE else LAST_SQUARE - square
    last_moves[first] = origin if origin == NO_SQUARE else LAST_SQUARE - origin
    last_moves[first + 1] = LAST_SQUARE - destination
