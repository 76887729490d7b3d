"""Hashes of positions: of board and hands, alike for both views; whose turn it is is left out.

Positions with the same side to move are equal where their hashes are.
"""

import numpy as np

from keisei_core.shogi.actions import DROPS, PROMOTIONS
from keisei_core.shogi.compile import kernel, signed, stage
from keisei_core.shogi.positions import NUM_HAND_KINDS, NUM_SQUARES, UInt8Array
from keisei_core.shogi.rules.generate import BOTH_HANDS
from keisei_core.shogi.tables import HAND_KEYS, KIND_IN_HAND, PIECE_KEYS_BY_VIEW, PROMOTED, UInt64Array

NO_KEY = np.uint64(0)
"""Hash of a position that nobody compares with others, and of one from which others are reached by moves."""


@kernel
def hash_positions(boards: UInt8Array, hands: UInt8Array, sides: UInt8Array, hashes: UInt64Array) -> None:
    """Hashes positions; two of different games are comparable.

    Args:
        boards: uint8 [N * 81].
        hands: uint8 [N * 14].
        sides: uint8 [N], side to move.
        hashes: uint64 [N], overwritten.
    """
    for row in range(len(hashes)):
        side = signed(sides[row])
        key = NO_KEY
        for square in range(NUM_SQUARES):
            code = boards[row * NUM_SQUARES + square]
            if code:
                key ^= PIECE_KEYS_BY_VIEW[side, code, square]
        for kind in range(NUM_HAND_KINDS):
            key ^= HAND_KEYS[side, kind, hands[row * BOTH_HANDS + kind]]
            key ^= HAND_KEYS[1 - side, kind, hands[row * BOTH_HANDS + NUM_HAND_KINDS + kind]]
        hashes[row] = key


@stage
def key_after(
    boards: UInt8Array, hands: UInt8Array, row: int, action: int, origin: int, side: int, key: np.uint64
) -> np.uint64:
    """Returns the hash of the position after a legal action, from the position and its hash before."""
    board, hand = row * NUM_SQUARES, row * BOTH_HANDS
    plane = action // NUM_SQUARES
    destination = action - plane * NUM_SQUARES
    if plane >= DROPS:
        kind = plane - DROPS
        code = kind + 1
        count = signed(hands[hand + kind])
        key ^= HAND_KEYS[side, kind, count] ^ HAND_KEYS[side, kind, count - 1]
    else:
        code = signed(boards[board + origin])
        captured = signed(boards[board + destination])
        key ^= PIECE_KEYS_BY_VIEW[side, code, origin]
        if captured:
            kind = signed(KIND_IN_HAND[captured])
            count = signed(hands[hand + kind])
            key ^= PIECE_KEYS_BY_VIEW[side, captured, destination]
            key ^= HAND_KEYS[side, kind, count] ^ HAND_KEYS[side, kind, count + 1]
        if plane >= PROMOTIONS:
            code += PROMOTED
    return key ^ PIECE_KEYS_BY_VIEW[side, code, destination]  # type: ignore[no-any-return]
