"""What stood on the board before, so that a player can be kept from walking into four-fold repetition.

Shape key: G games, N positions.
"""

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi import NUM_ACTIONS, NUM_HAND_KINDS, NUM_SQUARES, Positions, UInt8Array
from keisei_core.shogi.compile import kernel, signed
from keisei_core.shogi.rules.play import apply
from keisei_core.shogi.rules.tactics import Workspace, new_workspace
from keisei_core.shogi.tables import HAND_KEYS, PIECE_KEYS_BY_VIEW
from keisei_core.shogi.tactics import flat_positions

BOTH_HANDS = 2 * NUM_HAND_KINDS
UInt16Array = NDArray[np.uint16]
UInt64Array = NDArray[np.uint64]
Int64Array = NDArray[np.int64]


class Past:
    """The positions of G games so far, by their hashes."""

    def __init__(self, num_games: int, max_plies: int) -> None:
        self._hashes = np.zeros((num_games, max_plies + 1), np.uint64)
        self._work = new_workspace()

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
        drop_recurring(boards, hands, positions.side_to_move, positions.ply, earlier, masks, self._work)
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


@kernel
def drop_recurring(
    boards: UInt8Array,
    hands: UInt8Array,
    sides: UInt8Array,
    plies: UInt16Array,
    earlier: UInt64Array,
    legal: UInt8Array,
    work: Workspace,
) -> None:
    """Writes 0 over the legal moves after which an earlier position of the game stands again.

    Args:
        boards, hands, sides, plies, legal: Of N positions, flat.
        earlier: uint64 [N, T], hash of each game's position at each ply up to the present one.
        work: Working memory.
    """
    for row in range(len(sides)):
        ply, side = signed(plies[row]), signed(sides[row])
        for action in range(NUM_ACTIONS):
            if legal[row * NUM_ACTIONS + action] == 0:
                continue
            for square in range(NUM_SQUARES):
                work.boards[square] = boards[row * NUM_SQUARES + square]
            for kind in range(BOTH_HANDS):
                work.hands[kind] = hands[row * BOTH_HANDS + kind]
            _, key = apply(
                work.boards, work.hands, signed(0), signed(action), side, earlier[row, ply], work.scratch.rows
            )
            for before in range(ply - 1, -1, -2):
                if earlier[row, before] == key:
                    legal[row * NUM_ACTIONS + action] = 0
                    break
