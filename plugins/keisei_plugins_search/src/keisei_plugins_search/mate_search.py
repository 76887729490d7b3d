"""Mates in several plies, by checks alone, for many positions at once.

Shape key: N positions, L plies of the longest mate looked for.
"""

from typing import Final

import attrs
import numpy as np

from keisei_core.shogi import NUM_SQUARES, Branches, Ending
from keisei_core.shogi.crew import share_rows
from keisei_core.shogi.rules.generate import BOTH_HANDS
from keisei_core.shogi.tables import Int64Array, UInt64Array
from keisei_plugins_search.mate_frames import Frames, Table, new_frames, new_table
from keisei_plugins_search.mate_kernel import prove_mate
from keisei_plugins_search.nodes import Int16Array, Int32Array

LONGEST: Final = 31
"""Plies that a mate may take where nobody says otherwise; those of games are rarely longer."""
ENOUGH: Final = 100
"""Positions that a thread looks at before it asks for more: some 100 microseconds."""


@attrs.frozen(eq=False)
class Mates:
    """What is known of N positions."""

    plies: Int32Array
    """int32 [N], plies of the mate found for the mover, odd; 0 where there is none by checks in L plies; -1 unknown."""
    line: Int16Array
    """int16 [N, L], the moves of both sides up to mate, seen by who plays each; -1 after it."""
    num_nodes: Int32Array
    """int32 [N], positions looked at; one that was come back to counts again."""


def prove_mates(games: Branches, rows: Int64Array, max_nodes: int, longest: int = LONGEST) -> Mates:
    """Looks for mates by checks alone.

    A mate found is one whatever the opponent plays. Moves are those of the rules: no mate by dropping a pawn, pieces
    that do not promote, defences that give check, interpositions that change nothing and yet count. A line that repeats
    a position is no mate, nor is one through a position that stood three times in the game; where such lines were left
    out, that nothing was found proves nothing. A mate need not be the shortest: as long as there are positions left, a
    shorter one than that found is looked for.

    Args:
        games: branches, which stay as they are.
        rows: int64 [N], which of them; one that has ended has no mate.
        max_nodes: positions looked at for each row, at most; at least 1.
        longest: L, at least 1; less near a game's cap on plies.

    Raises:
        ValueError: `max_nodes` or `longest` is less than 1.
    """
    if max_nodes < 1 or longest < 1:
        raise ValueError(f"max_nodes and longest must be >= 1, got {max_nodes} and {longest}")
    num_rows = len(rows)
    found = Mates(
        np.zeros(num_rows, np.int32), np.full((num_rows, longest), -1, np.int16), np.zeros(num_rows, np.int32)
    )
    left = np.minimum(longest, games.max_plies - games.positions.ply[rows].astype(np.int64))
    left = np.where(games.ending[rows] == Ending.NONE, left - 1 | 1, 0)  # a mate takes an odd number of plies
    barred = games.last_chances(rows)

    def prove(part: slice) -> None:
        frames, table = new_frames(longest), new_table(max_nodes)
        for number in range(part.start, part.stop):
            if left[number] > 0:
                place_root(frames, games, int(rows[number]))
                side = int(games.positions.side_to_move[rows[number]])
                _prove(frames, table, side, barred[number], max_nodes, int(left[number]), found, number)

    share_rows(num_rows, max(1, ENOUGH // max_nodes), prove)
    return found


def place_root(frames: Frames, games: Branches, row: int) -> None:
    """Puts a branch's position at depth 0."""
    frames.boards[:NUM_SQUARES] = games.positions.board[row]
    frames.hands[:BOTH_HANDS] = games.positions.hands[row].reshape(-1)
    frames.keys[0] = games.keys[row]


def _prove(
    frames: Frames,
    table: Table,
    side: int,
    barred: UInt64Array,
    max_nodes: int,
    longest: int,
    found: Mates,
    number: int,
) -> None:
    """Looks for a mate from the position at depth 0, then for shorter ones, and writes the shortest."""
    used = plies = 0
    while True:
        shorter, nodes = prove_mate(frames, table, barred, side, max_nodes - used, longest, found.line[number])
        used += nodes
        plies = shorter if plies == 0 or shorter > 0 else plies
        if shorter <= 1 or used >= max_nodes:
            break
        longest = shorter - 2
    found.plies[number], found.num_nodes[number] = plies, used
