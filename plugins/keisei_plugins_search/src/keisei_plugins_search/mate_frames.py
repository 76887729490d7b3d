"""What the search for a mate works in: the line that it looks at, and a table of what it knows of positions.

The attacker moves at even depths and only checks; the defender at odd ones, all that is legal. Two numbers are kept
of a position, seen by who is to move: `phi`, how many positions at least are still to be settled until he has what he
wants, to mate or to escape; `delta`, the same until he has lost it. 0 is settled, `NEVER` can't be.

Shape key: D positions of the longest line, M moves listed along it, T places of the table, a power of two.
"""

from typing import Final, NamedTuple

import numpy as np

from keisei_core.shogi import NUM_SQUARES, UInt8Array
from keisei_core.shogi.compile import signed, stage
from keisei_core.shogi.rules.checks import Workspace, new_workspace
from keisei_core.shogi.rules.generate import BOTH_HANDS
from keisei_core.shogi.tables import Int64Array, UInt64Array
from keisei_plugins_search.nodes import Int16Array, Int32Array

NEVER: Final = 1 << 28
"""Of `phi` and `delta`: more than sums of them may come to."""
MOST_MOVES: Final = 600
"""More than a position has."""
EMPTY: Final = np.uint64(0)
DEPTH_KEY: Final = np.uint64(0x9E3779B97F4A7C15)
"""Knuth's multiplier, 2^64 over the golden ratio: spreads depths over all bits of a key."""


class Frames(NamedTuple):
    """The positions from the first to the one that is looked at; row d of the arrays is depth d."""

    boards: UInt8Array
    """uint8 [D * 81], seen by who is to move."""
    hands: UInt8Array
    """uint8 [D * 14]."""
    keys: UInt64Array
    """uint64 [D], hashes of boards and hands."""
    first: Int64Array
    """int64 [D + 1], where the moves of each depth begin in `moves`; those of the next follow."""
    has_escaped: UInt8Array
    """uint8 [D], 1 where the defender is safe: the attacker has no plies left, or would have to repeat a position."""
    phi_limit: Int64Array
    """int64 [D], from which `phi` on the search goes back up."""
    delta_limit: Int64Array
    """int64 [D]."""
    moves: Int16Array
    """int16 [M], actions."""
    child_keys: UInt64Array
    """uint64 [M], hashes of the positions after them."""
    work: Workspace
    """The position that moves are listed for."""


class Table(NamedTuple):
    """What is known of positions at a depth. It never holds more of them than were looked at, which it has room for."""

    keys: UInt64Array
    """uint64 [T], 0 where a place is free."""
    phi: Int32Array
    """int32 [T]."""
    delta: Int32Array
    """int32 [T]."""
    plies: Int16Array
    """int16 [T], until mate, where the position is settled so."""


def new_frames(longest: int) -> Frames:
    """Makes room for lines of `longest` plies."""
    depths = longest + 2
    return Frames(
        boards=np.zeros(depths * NUM_SQUARES, np.uint8),
        hands=np.zeros(depths * BOTH_HANDS, np.uint8),
        keys=np.zeros(depths, np.uint64),
        first=np.zeros(depths + 1, np.int64),
        has_escaped=np.zeros(depths, np.uint8),
        phi_limit=np.zeros(depths, np.int64),
        delta_limit=np.zeros(depths, np.int64),
        moves=np.zeros(depths * MOST_MOVES, np.int16),
        child_keys=np.zeros(depths * MOST_MOVES, np.uint64),
        work=new_workspace(),
    )


def new_table(num_nodes: int) -> Table:
    """Makes room for as many positions, twice, so that free places are near."""
    size = 1 << int(2 * num_nodes).bit_length()
    return Table(
        np.empty(size, np.uint64), np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.int16)
    )


@stage
def place_of(table: Table, key: np.uint64, depth: int) -> int:
    """Returns where a position at a depth stands in the table, or the free place for it."""
    wanted = key_at(key, depth)
    place = signed(wanted & np.uint64(len(table.keys) - 1))
    while table.keys[place] != EMPTY and table.keys[place] != wanted:
        place = (place + 1) & (len(table.keys) - 1)
    return place


@stage
def key_at(key: np.uint64, depth: int) -> np.uint64:
    """Returns the key of a position at a depth: never 0, and another for each depth.

    Positions at different depths are kept apart since fewer plies are left to mate in at the deeper one; and so that
    what is known of a position never rests on itself.
    """
    mixed = np.uint64(key + DEPTH_KEY * np.uint64(depth + 1))
    return mixed if mixed != EMPTY else DEPTH_KEY
