"""What stood on the board before, so that a player can be kept from walking into four-fold repetition.

Shape key: G games, N positions.
"""

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi import (
    DROPS,
    NUM_ACTIONS,
    NUM_HAND_KINDS,
    NUM_SQUARES,
    PROMOTIONS,
    Positions,
    UInt8Array,
)
from keisei_core.shogi.compile import inner, kernel, signed
from keisei_core.shogi.mates import flat_positions
from keisei_core.shogi.rules.play import find_origin
from keisei_core.shogi.tables import HAND_KEYS, KIND_IN_HAND, PIECE_KEYS_BY_VIEW, PROMOTED

BOTH_HANDS = 2 * NUM_HAND_KINDS
NUM_BUCKETS = 2048
LOW_BITS = np.uint64(NUM_BUCKETS - 1)
UInt16Array = NDArray[np.uint16]
UInt64Array = NDArray[np.uint64]
Int64Array = NDArray[np.int64]


class Past:
    """The positions of G games so far, by their hashes."""

    def __init__(self, num_games: int, max_plies: int) -> None:
        self._hashes = np.zeros((num_games, max_plies + 1), np.uint64)
        self._seen = np.zeros(NUM_BUCKETS, np.uint8)

    def note(self, positions: Positions, games: Int64Array) -> None:
        """Notes the present positions of some games.

        Args:
            positions: N positions.
            games: int64 [N], whose they are.
        """
        boards, hands, _ = flat_positions(positions, np.zeros((len(positions), 0), np.uint8))
        hashes = np.zeros(len(positions), np.uint64)
        hash_positions(boards, hands, positions.side_to_move, hashes)
        self._hashes[games, positions.ply] = hashes

    def without_repetition(self, positions: Positions, legal: UInt8Array, games: Int64Array) -> UInt8Array:
        """Takes out the moves after which a position of its game stands again, where others are left.

        Args:
            positions: N positions, noted before.
            legal: uint8 [N, 2187], their legal moves.
            games: int64 [N], whose they are.

        Returns:
            uint8 [N, 2187].
        """
        kept = legal.copy()
        boards, hands, masks = flat_positions(positions, kept)
        earlier = self._hashes[games]
        drop_recurring(boards, hands, positions.side_to_move, positions.ply, earlier, masks, self._seen)
        kept = masks.reshape(kept.shape)
        nothing_left = ~kept.any(axis=1)
        kept[nothing_left] = legal[nothing_left]
        return kept


@kernel
def hash_positions(boards: UInt8Array, hands: UInt8Array, sides: UInt8Array, hashes: UInt64Array) -> None:
    """Hashes boards and hands, alike for both views of a position; whose turn it is is left out."""
    for row in range(len(hashes)):
        side = signed(sides[row])
        key = np.uint64(0)
        for square in range(NUM_SQUARES):
            code = boards[row * NUM_SQUARES + square]
            if code:
                key ^= PIECE_KEYS_BY_VIEW[side, code, square]
        for kind in range(NUM_HAND_KINDS):
            key ^= HAND_KEYS[side, kind, hands[row * BOTH_HANDS + kind]]
            key ^= HAND_KEYS[1 - side, kind, hands[row * BOTH_HANDS + NUM_HAND_KINDS + kind]]
        hashes[row] = key


@inner
def key_after(boards: UInt8Array, hands: UInt8Array, row: int, action: int, side: int, key: np.uint64) -> np.uint64:
    """Returns the hash of the position after a legal action, without playing it."""
    board, hand = row * NUM_SQUARES, row * BOTH_HANDS
    plane = action // NUM_SQUARES
    destination = action - plane * NUM_SQUARES
    if plane >= DROPS:
        kind = plane - DROPS
        count = signed(hands[hand + kind])
        key ^= HAND_KEYS[side, kind, count] ^ HAND_KEYS[side, kind, count - 1]
        return key ^ PIECE_KEYS_BY_VIEW[side, kind + 1, destination]  # type: ignore[no-any-return]
    origin = signed(find_origin(boards, row, action))
    code, captured = signed(boards[board + origin]), signed(boards[board + destination])
    key ^= PIECE_KEYS_BY_VIEW[side, code, origin]
    if captured:
        kind = signed(KIND_IN_HAND[captured])
        count = signed(hands[hand + kind])
        key ^= PIECE_KEYS_BY_VIEW[side, captured, destination]
        key ^= HAND_KEYS[side, kind, count] ^ HAND_KEYS[side, kind, count + 1]
    if plane >= PROMOTIONS:
        code += PROMOTED
    return key ^ PIECE_KEYS_BY_VIEW[side, code, destination]  # type: ignore[no-any-return]


@kernel
def drop_recurring(
    boards: UInt8Array,
    hands: UInt8Array,
    sides: UInt8Array,
    plies: UInt16Array,
    earlier: UInt64Array,
    legal: UInt8Array,
    seen: UInt8Array,
) -> None:
    """Writes 0 over the legal moves after which an earlier position of the game stands again.

    Args:
        boards, hands, sides, plies, legal: Of N positions, flat.
        earlier: uint64 [N, T], hash of each game's position at each ply up to the present one.
        seen: uint8 [2048], working memory: which low bits of hashes there are, so that few moves are looked up.
    """
    for row in range(len(sides)):
        ply, side = signed(plies[row]), signed(sides[row])
        for bucket in range(NUM_BUCKETS):
            seen[bucket] = 0
        for before in range(ply - 1, -1, -2):
            seen[earlier[row, before] & LOW_BITS] = 1
        for action in range(NUM_ACTIONS):
            if legal[row * NUM_ACTIONS + action]:
                key = key_after(boards, hands, row, signed(action), side, earlier[row, ply])
                if seen[key & LOW_BITS]:
                    for before in range(ply - 1, -1, -2):
                        if earlier[row, before] == key:
                            legal[row * NUM_ACTIONS + action] = 0
                            break
