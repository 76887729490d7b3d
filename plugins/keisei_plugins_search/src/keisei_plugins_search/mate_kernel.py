"""Depth-first proof-number search for a mate by checks (df-pn, Nagai 2002), in one loop without recursion."""

from typing import Final

import numpy as np

from keisei_core.shogi import NUM_ACTIONS, NUM_SQUARES, UInt8Array
from keisei_core.shogi.compile import inner, kernel, signed, stage, unsigned
from keisei_core.shogi.rules.checks import list_checks
from keisei_core.shogi.rules.generate import BOTH_HANDS, generate
from keisei_core.shogi.rules.hashing import key_after
from keisei_core.shogi.rules.play import apply, find_origin
from keisei_core.shogi.tables import UInt64Array
from keisei_plugins_search.mate_frames import EMPTY, NEVER, Frames, Table, key_at, place_of
from keisei_plugins_search.nodes import Int16Array

SLACK: Final = 4
"""A move is left for another once its number exceeds the other's by a quarter: fewer ways up and down for a slightly
larger proof (Pawlewicz and Lew 2007, "1 + epsilon")."""


@stage
def is_attacker(depth: int) -> bool:
    """Tells whether the attacker moves at a depth."""
    return depth & 1 == 0


@stage
def copy_position(source: UInt8Array, first: int, target: UInt8Array, start: int, count: int) -> None:
    """Copies bytes of a board or a hand."""
    for offset in range(unsigned(count)):
        target[unsigned(start) + offset] = source[unsigned(first) + offset]


@stage
def stands_in(keys: UInt64Array, first: int, stop: int, step: int, key: np.uint64) -> bool:
    """Tells whether a hash is among every `step`th of some."""
    place = signed(first)
    while place < stop and keys[place] != key:
        place += step
    return place < stop


@inner
def add_move(frames: Frames, barred: UInt64Array, depth: int, side: int, action: int) -> bool:
    """Lists a move unless it leads to a position that stood on the line or is barred; returns whether it did."""
    work = frames.work
    origin = signed(find_origin(work.boards, signed(0), action))
    key = key_after(work.boards, work.hands, signed(0), action, origin, side, frames.keys[depth])
    if stands_in(frames.keys, (depth + 1) & 1, depth, signed(2), key):
        return False
    if stands_in(barred, signed(0), signed(len(barred)), signed(1), key):
        return False
    place = frames.first[depth + 1]
    frames.moves[place], frames.child_keys[place] = action, key
    frames.first[depth + 1] = place + 1
    return True


@inner
def list_moves(frames: Frames, barred: UInt64Array, depth: int, root_side: int, longest: int) -> int:
    """Lists what may be played in the position at a depth.

    Returns:
        How many moves were left out since they repeat a position.
    """
    work, side, num_repeated = frames.work, (root_side + depth) & 1, signed(0)
    copy_position(frames.boards, depth * NUM_SQUARES, work.boards, signed(0), NUM_SQUARES)
    copy_position(frames.hands, depth * BOTH_HANDS, work.hands, signed(0), BOTH_HANDS)
    num_legal, _ = generate(work.boards, work.hands, signed(0), work.legal, work.scratch)
    frames.first[depth + 1] = frames.first[depth]
    frames.has_escaped[depth] = 0
    if is_attacker(depth):
        for index in range(list_checks(work.boards, signed(0), work.legal, work.checks, work.targets)):
            action = signed(work.checks[index])
            if work.legal[action]:  # a double check may be listed twice
                work.legal[action] = 0
                num_repeated += signed(not add_move(frames, barred, depth, side, action))
    elif num_legal and depth >= longest:
        frames.has_escaped[depth] = 1
    elif num_legal:
        for action in range(NUM_ACTIONS):
            if work.legal[action] and not add_move(frames, barred, depth, side, signed(action)):
                frames.has_escaped[depth] = 1
                return num_repeated + 1
    return num_repeated


@inner
def survey(frames: Frames, table: Table, depth: int) -> tuple[int, int, int, int, int]:
    """Sums up what is known of the moves from a position.

    Returns:
        Its `phi` and `delta`; the place of the move to follow, -1 where there is none; the part of `delta` that comes
        from it; what `phi` would be without it.
    """
    if frames.has_escaped[depth]:
        return signed(0), signed(NEVER), signed(-1), signed(0), signed(NEVER)
    phi, second, best, total, share = signed(NEVER), signed(NEVER), signed(-1), signed(0), signed(0)
    for place in range(frames.first[depth], frames.first[depth + 1]):
        known = place_of(table, frames.child_keys[place], depth + 1)
        child_phi, child_delta = signed(1), signed(1)
        if table.keys[known] != EMPTY:
            child_phi, child_delta = signed(table.phi[known]), signed(table.delta[known])
        total = min(total + child_phi, NEVER)
        if child_delta < phi:
            phi, second, best, share = child_delta, phi, signed(place), child_phi
        elif child_delta < second:
            second = child_delta
    return phi, total, best, share, second


@inner
def plies_to_mate(frames: Frames, table: Table, depth: int) -> tuple[int, int]:
    """Returns the plies left of a mate that is settled, and the place of the move: quickest mate, longest defence."""
    plies, best = signed(-1), signed(-1)
    for place in range(frames.first[depth], frames.first[depth + 1]):
        known = place_of(table, frames.child_keys[place], depth + 1)
        child_plies = signed(table.plies[known])
        if is_attacker(depth):
            if table.keys[known] == EMPTY or table.delta[known] != 0 or (plies >= 0 and child_plies >= plies):
                continue
        elif child_plies <= plies:
            continue
        plies, best = child_plies, signed(place)
    return plies + 1, best


@inner
def note(frames: Frames, table: Table, depth: int, phi: int, delta: int) -> None:
    """Writes into the table what is known of the position at a depth."""
    place = place_of(table, frames.keys[depth], depth)
    table.keys[place] = key_at(frames.keys[depth], depth)
    table.phi[place], table.delta[place] = phi, delta
    is_mate = phi == 0 if is_attacker(depth) else delta == 0
    if is_mate:
        table.plies[place], _ = plies_to_mate(frames, table, depth)


@inner
def play_move(frames: Frames, depth: int, root_side: int, place: int) -> None:
    """Plays a listed move: the position after it stands one deeper."""
    below = depth + 1
    copy_position(frames.boards, depth * NUM_SQUARES, frames.boards, below * NUM_SQUARES, NUM_SQUARES)
    copy_position(frames.hands, depth * BOTH_HANDS, frames.hands, below * BOTH_HANDS, BOTH_HANDS)
    side, action, key = (root_side + depth) & 1, signed(frames.moves[place]), frames.keys[depth]
    _, frames.keys[below] = apply(frames.boards, frames.hands, below, action, side, key, frames.work.scratch.rows)


@inner
def write_line(
    frames: Frames, table: Table, barred: UInt64Array, root_side: int, longest: int, line: Int16Array
) -> int:
    """Plays the mate that was found from the position at depth 0; returns its plies."""
    depth = signed(0)
    plies, place = plies_to_mate(frames, table, depth)
    while place >= 0:
        line[depth] = frames.moves[place]
        play_move(frames, depth, root_side, place)
        depth += 1
        list_moves(frames, barred, depth, root_side, longest)
        _, place = plies_to_mate(frames, table, depth)
    for unused in range(depth, len(line)):
        line[unused] = -1
    return plies


@kernel
def prove_mate(
    frames: Frames,
    table: Table,
    barred: UInt64Array,
    root_side: int,
    max_nodes: int,
    longest: int,
    line: Int16Array,
) -> tuple[int, int]:
    """Looks for a mate from the position at depth 0.

    One loop, since a way up ends at the first depth whose limits are not reached.

    Args:
        frames: board, hands and key of depth 0 are given; the rest is overwritten.
        table: overwritten; has room for `max_nodes` positions.
        barred: uint64 [any], hashes of positions that must not come up once more.
        root_side: whose move it is, 0 Black, 1 White.
        max_nodes: positions looked at, at most.
        longest: plies that the mate may take, odd.
        line: int16 [L], gets the moves of the mate found, -1 after it; stays as it is where there is none.

    Returns:
        Plies of the mate; 0 where there is none by checks in so many plies; -1 where that is not known. Then how many
        positions were looked at.
    """
    for place in range(len(table.keys)):
        table.keys[place] = EMPTY
    depth, num_nodes, num_repeated, is_new = signed(0), signed(0), signed(0), True
    frames.first[0], frames.phi_limit[0], frames.delta_limit[0] = 0, NEVER, NEVER
    while True:
        if is_new:
            num_nodes += 1
            num_repeated += list_moves(frames, barred, depth, root_side, longest)
        phi, delta, best, share, second = survey(frames, table, depth)
        if phi >= frames.phi_limit[depth] or delta >= frames.delta_limit[depth]:
            note(frames, table, depth, phi, delta)
            if depth == 0:
                break
            depth, is_new = depth - 1, False
            continue
        if num_nodes >= max_nodes:
            return signed(-1), num_nodes
        frames.phi_limit[depth + 1] = frames.delta_limit[depth] - delta + share
        frames.delta_limit[depth + 1] = min(frames.phi_limit[depth], second + 1 + second // SLACK)
        play_move(frames, depth, root_side, best)
        depth, is_new = depth + 1, True
    if phi == 0:
        return write_line(frames, table, barred, root_side, longest, line), num_nodes
    # What repetitions have settled on one way to a position may be otherwise on another.
    return signed(0) if num_repeated == 0 else signed(-1), num_nodes
