"""Playing on from copies of games, or of positions, without touching them.

What stood before a branch left its game is shared by all branches of that game; the hashes since are its own.
"""

from typing import Final, NamedTuple

from keisei_core.shogi.compile import kernel, signed, stage
from keisei_core.shogi.positions import UInt8Array
from keisei_core.shogi.rules.games import (
    LEAVE,
    MATE,
    MAX_REPETITION,
    NONE,
    PositionArrays,
    close,
    judge_others,
    judge_recurrence,
    move,
    note_check,
    reward_of,
)
from keisei_core.shogi.rules.generate import generate
from keisei_core.shogi.rules.judge import count_earlier, first_earlier, last_earlier
from keisei_core.shogi.rules.scratch import OWN_KING, Scratch
from keisei_core.shogi.tables import Float32Array, Int32Array, UInt16Array, UInt64Array

PARITIES: Final = 2
"""Hashes of even plies and of odd ones stand apart: only positions with the same side to move are compared."""


class BranchArrays(NamedTuple):
    """What branches keep besides their positions, flat."""

    legal: UInt8Array
    """uint8 [N * 2187]."""
    num_legal: Int32Array
    """int32 [N]."""
    reward: Float32Array
    """float32 [N], of the last ply, seen by the player who moved."""
    ending: UInt8Array
    """uint8 [N]."""
    recurrence: UInt8Array
    """uint8 [N], see `Branches`."""
    keys: UInt64Array
    """uint64 [N], hash of board and hands."""
    checks: UInt16Array
    """uint16 [N * 2], how many latest moves of Black and of White gave check without a break."""
    root: Int32Array
    """int32 [N], which root a branch grows from."""
    path: UInt64Array
    """uint64 [N * 2 * H], hashes of the plies since the root, those of the game's even plies first."""


class RootArrays(NamedTuple):
    """The games, or positions, that branches grow from, as they stood, flat."""

    history: UInt64Array
    """uint64 [R * 2 * T], hashes of the game's positions up to the root, those with even ply first."""
    first_ply: UInt16Array
    """uint16 [R], ply number of the game's start position."""
    num_plies: Int32Array
    """int32 [R], plies from there to the root."""


@stage
def note_key(branches: BranchArrays, roots: RootArrays, row: int, ply: int) -> tuple[int, int, int]:
    """Notes a new position's hash.

    Returns:
        How often the position stood before, how many moves of each player ago first, and how many ago last.
    """
    root, key = signed(branches.root[row]), branches.keys[row]
    num_plies = ply - signed(roots.first_ply[root])
    parity, num_earlier = num_plies & 1, num_plies >> 1
    num_past = ((signed(roots.num_plies[root]) - parity) >> 1) + 1
    past = (PARITIES * root + parity) * (len(roots.history) // (PARITIES * len(roots.first_ply)))
    path = (PARITIES * row + parity) * (len(branches.path) // (PARITIES * len(branches.root)))
    num_own = num_earlier - num_past
    times = count_earlier(roots.history, past, num_past, key) + count_earlier(branches.path, path, num_own, key)
    branches.path[path + num_own] = key
    if times == 0:
        return times, signed(0), signed(0)
    first = first_earlier(roots.history, past, num_past, key)
    if first == num_past:
        first += first_earlier(branches.path, path, num_own, key)
    last = last_earlier(branches.path, path, num_own, key) + num_past
    if last < num_past:
        last = last_earlier(roots.history, past, num_past, key)
    return times, num_earlier - first, num_earlier - last


@kernel
def play_branches(
    actions: Int32Array,
    positions: PositionArrays,
    branches: BranchArrays,
    roots: RootArrays,
    max_plies: int,
    scratch: Scratch,
) -> None:
    """Plays a legal action in each branch, none where it is -1.

    Args:
        actions: int32 [N].
        positions, branches: Changed in place.
        roots: What stood before.
        max_plies: A branch is cut off when its position has this ply number.
        scratch: Working memory.
    """
    for row in range(len(actions)):
        action = signed(actions[row])
        if action == LEAVE:
            continue
        move(positions, branches.keys, row, action, scratch.rows)
        num_legal, in_check = generate(positions.board, positions.hands, row, branches.legal, scratch)
        branches.num_legal[row] = num_legal
        note_check(positions, branches.checks, row, in_check)
        times, since_first, since_last = note_key(branches, roots, row, signed(positions.ply[row]))
        positions.repetition[row] = min(times, MAX_REPETITION)
        branches.recurrence[row] = NONE
        if times > 0:
            branches.recurrence[row] = judge_recurrence(positions, branches.checks, row, since_last)
        if num_legal == 0:
            ending = MATE
        elif times >= MAX_REPETITION:
            ending = judge_recurrence(positions, branches.checks, row, since_first)
        else:
            ending = judge_others(positions, row, scratch.listed[OWN_KING], max_plies)
        branches.ending[row] = ending
        branches.reward[row] = reward_of(ending)
        if ending != NONE:
            close(branches.legal, branches.num_legal, row)
