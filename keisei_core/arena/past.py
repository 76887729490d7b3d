"""What stood on the board before, so that a player can be kept from walking into four-fold repetition.

Shape key: G games, N positions.
"""

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi import NUM_ACTIONS, Branches, Positions, UInt8Array
from keisei_core.shogi.compile import inner, kernel, signed
from keisei_core.shogi.crew import the_crew
from keisei_core.shogi.mates import flat_positions
from keisei_core.shogi.rules.hashing import hash_positions, key_after
from keisei_core.shogi.rules.play import find_origin
from keisei_core.shogi.rules.tasks import room
from keisei_core.shogi.rules.threads import share

NUM_BUCKETS = 2048
FAST_ROWS = 4
"""Positions that a thread takes at once."""
LOW_BITS = np.uint64(NUM_BUCKETS - 1)
UInt16Array = NDArray[np.uint16]
UInt64Array = NDArray[np.uint64]
Int64Array = NDArray[np.int64]


class Past:
    """The positions of G games so far, by their hashes."""

    def __init__(self, num_games: int, max_plies: int) -> None:
        self._hashes = np.zeros((num_games, max_plies + 1), np.uint64)

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
        drop_recurring(the_crew(), boards, hands, positions.side_to_move, positions.ply, earlier, masks)
        kept = masks.reshape(kept.shape)
        nothing_left = ~kept.any(axis=1)
        kept[nothing_left] = legal[nothing_left]
        return kept


def without_recurring(past: Branches, legal: UInt8Array) -> UInt8Array:
    """Takes out the moves after which a position of the game stands again, where others are left.

    Args:
        past: one branch, of a game that has not ended.
        legal: uint8 [1, 2187], moves that are legal there.

    Returns:
        uint8 [1, 2187].
    """
    keys = past.keys_so_far(0)[None]
    boards, hands, kept = flat_positions(past.positions, legal.copy())
    plies = np.array([keys.shape[1] - 1], np.uint16)
    drop_recurring(the_crew(), boards, hands, past.positions.side_to_move, plies, keys, kept)
    return kept.reshape(legal.shape) if kept.any() else legal


@inner
def drop_in_rows(
    low: int,
    high: int,
    boards: UInt8Array,
    hands: UInt8Array,
    sides: UInt8Array,
    plies: UInt16Array,
    earlier: UInt64Array,
    legal: UInt8Array,
) -> None:
    """Does the positions `low` to `high - 1`, see `drop_recurring`.

    Which low bits of hashes there are is noted first, so that few moves are looked up.
    """
    seen = room(NUM_BUCKETS)
    for row in range(low, high):
        ply, side = signed(plies[row]), signed(sides[row])
        for bucket in range(NUM_BUCKETS):
            seen[bucket] = 0
        for before in range(ply - 1, -1, -2):
            seen[earlier[row, before] & LOW_BITS] = 1
        for action in range(NUM_ACTIONS):
            if legal[row * NUM_ACTIONS + action]:
                origin = signed(find_origin(boards, row, signed(action)))
                key = key_after(boards, hands, row, signed(action), origin, side, earlier[row, ply])
                if seen[key & LOW_BITS]:
                    for before in range(ply - 1, -1, -2):
                        if earlier[row, before] == key:
                            legal[row * NUM_ACTIONS + action] = 0
                            break


@kernel
def drop_recurring(
    crew: Int64Array,
    boards: UInt8Array,
    hands: UInt8Array,
    sides: UInt8Array,
    plies: UInt16Array,
    earlier: UInt64Array,
    legal: UInt8Array,
) -> None:
    """Writes 0 over the legal moves after which an earlier position of the game stands again.

    Args:
        crew: The threads that share the positions.
        boards, hands, sides, plies, legal: Of N positions, flat.
        earlier: uint64 [N, T], hash of each game's position at each ply up to the present one.
    """
    share(crew, len(sides), FAST_ROWS, drop_in_rows, (boards, hands, sides, plies, earlier, legal))
