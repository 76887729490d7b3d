"""Playing on from copies of games, or of positions, without touching them.

What stood before a branch left its game is shared by all branches of that game; the hashes since are its own.
"""

from typing import Final, NamedTuple

from keisei_core.shogi.compile import inner, kernel, signed, stage
from keisei_core.shogi.positions import UInt8Array
from keisei_core.shogi.rules.checks import Workspace, find_mate
from keisei_core.shogi.rules.games import (
    LEAVE,
    MATE,
    MAX_REPETITION,
    NONE,
    PositionArrays,
    close,
    copy_position,
    judge_others,
    judge_recurrence,
    move,
    note_check,
    reward_of,
)
from keisei_core.shogi.rules.generate import generate
from keisei_core.shogi.rules.history import copy_bytes
from keisei_core.shogi.rules.judge import count_earlier, first_earlier, last_earlier
from keisei_core.shogi.rules.scratch import OWN_KING, SCRATCH_BYTES, Scratch, scratch_in
from keisei_core.shogi.rules.tasks import room
from keisei_core.shogi.rules.threads import share
from keisei_core.shogi.tables import Float32Array, Int32Array, Int64Array, UInt16Array, UInt64Array

FAST_BRANCHES: Final = 8
"""Branches that a thread takes at once."""
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


@stage
def play_branch(
    action: int,
    positions: PositionArrays,
    branches: BranchArrays,
    row: int,
    roots: RootArrays,
    max_plies: int,
    scratch: Scratch,
) -> None:
    """Plays a legal action in a branch that goes on."""
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


@inner
def play_rows(
    low: int,
    high: int,
    actions: Int32Array,
    positions: PositionArrays,
    branches: BranchArrays,
    roots: RootArrays,
    max_plies: int,
) -> None:
    """Plays the branches `low` to `high - 1`, see `play_branches`."""
    scratch = scratch_in(room(SCRATCH_BYTES))
    for row in range(low, high):
        if actions[row] != LEAVE:
            play_branch(signed(actions[row]), positions, branches, signed(row), roots, max_plies, scratch)


@kernel
def play_branches(
    crew: Int64Array,
    actions: Int32Array,
    positions: PositionArrays,
    branches: BranchArrays,
    roots: RootArrays,
    max_plies: int,
) -> None:
    """Plays a legal action in each branch, none where it is -1.

    Args:
        crew: The threads that share the branches.
        actions: int32 [N].
        positions, branches: Changed in place.
        roots: What stood before.
        max_plies: A branch is cut off when its position has this ply number.
    """
    share(crew, len(actions), FAST_BRANCHES, play_rows, (actions, positions, branches, roots, max_plies))


@inner
def copy_branch(
    source_positions: PositionArrays,
    source: BranchArrays,
    source_row: int,
    positions: PositionArrays,
    branches: BranchArrays,
    row: int,
) -> None:
    """Copies a branch without its legal moves; both keep as many earlier positions and as long paths."""
    copy_position(source_positions, source_row, positions, row)
    width = len(positions.history) // len(positions.ply)
    copy_bytes(source_positions.history, source_row * width, positions.history, row * width, width)
    half = len(branches.path) // len(branches.root)
    for place in range(half):
        branches.path[row * half + place] = source.path[source_row * half + place]
    for side in range(2):
        branches.checks[2 * row + side] = source.checks[2 * source_row + side]
    branches.num_legal[row] = source.num_legal[source_row]
    branches.reward[row] = source.reward[source_row]
    branches.ending[row] = source.ending[source_row]
    branches.recurrence[row] = source.recurrence[source_row]
    branches.keys[row] = source.keys[source_row]
    branches.root[row] = source.root[source_row]


@kernel
def extend_branches(
    low: int,
    high: int,
    rows: Int32Array,
    parents: Int32Array,
    actions: Int32Array,
    positions: PositionArrays,
    branches: BranchArrays,
    played_positions: PositionArrays,
    played: BranchArrays,
    roots: RootArrays,
    max_plies: int,
    mates: UInt8Array,
    work: Workspace,
) -> int:
    """Makes branches out of their parents and an action.

    Args:
        low, high: which places of the following.
        rows: int32 [M], branches to write, -1 for none.
        parents: int32 [M], branches that go on.
        actions: int32 [M], legal.
        positions, branches: changed in place; without legal moves.
        played_positions, played: the first M are overwritten by the same, with legal moves.
        roots: what stood before.
        max_plies: a branch is cut off when its position has this ply number.
        mates: uint8 [M], overwritten: 1 where play goes on to a position that had not stood before, and the mover can
            mate at once.
        work: working memory.

    Returns:
        how many plies the deepest of them is from its root.
    """
    deepest = signed(0)
    for place in range(low, high):
        mates[place] = 0
        row = signed(rows[place])
        if row < 0:
            continue
        copy_branch(positions, branches, signed(parents[place]), played_positions, played, signed(place))
        play_branch(signed(actions[place]), played_positions, played, signed(place), roots, max_plies, work.scratch)
        copy_branch(played_positions, played, signed(place), positions, branches, row)
        root = signed(played.root[place])
        since = signed(roots.first_ply[root]) + signed(roots.num_plies[root])
        deepest = max(deepest, signed(played_positions.ply[place]) - since)
        if played.ending[place] == NONE and played.recurrence[place] == NONE:
            mate = find_mate(played_positions.board, played_positions.hands, signed(place), played.legal, work)
            mates[place] = mate >= 0
    return deepest
