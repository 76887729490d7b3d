"""Sound moves of many positions: mates, or what two plies of material and mates do not speak against."""

import numpy as np

from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.compile import inner, kernel, signed
from keisei_core.shogi.positions import UInt8Array
from keisei_core.shogi.rules.exchanges import Workspace, best_reply, count_replies, find_mate, mark_mates_of
from keisei_core.shogi.rules.gains import gain_of
from keisei_core.shogi.tables import Int32Array, Int64Array

NONE_SAFE = -(1 << 40)
"""Less than any move comes to."""


@inner
def lets_mate(
    boards: UInt8Array, hands: UInt8Array, row: int, action: int, work: Workspace, reply_work: Workspace
) -> bool:
    """Tells whether a reply to a legal action mates."""
    count_replies(boards, hands, row, action, work)
    return find_mate(work.boards, work.hands, signed(0), work.legal, reply_work) >= 0


@inner
def take_best(listed: Int32Array, values: Int32Array, num_left: int) -> int:
    """Puts the best of the first `num_left` moves behind the others and returns its value."""
    best = signed(0)
    for index in range(num_left):
        if values[index] > values[best]:
            best = signed(index)
    last = num_left - 1
    listed[best], listed[last] = listed[last], listed[best]
    values[best], values[last] = values[last], values[best]
    return signed(values[last])


@inner
def add_exchanges(
    boards: UInt8Array, hands: UInt8Array, row: int, legal: UInt8Array, captures: Int64Array, promotions: Int64Array,
    do_win: bool, listed: Int32Array, values: Int32Array, num_moves: int, work: Workspace,
) -> int:  # fmt: skip
    """Adds the legal moves that win something on the spot, or those that do not, with what each comes to.

    Returns:
        The number of moves listed by now.
    """
    for action in range(NUM_ACTIONS):
        if legal[row * NUM_ACTIONS + action]:
            won = gain_of(boards, row, signed(action), captures, promotions)
            if (won > 0) == do_win:
                lost = best_reply(boards, hands, row, signed(action), captures, promotions, work)
                listed[num_moves], values[num_moves] = action, won - lost
                num_moves += 1
    return num_moves


@inner
def mark_safe(
    boards: UInt8Array, hands: UInt8Array, row: int, listed: Int32Array, values: Int32Array, num_moves: int,
    margin: int, sound: UInt8Array, work: Workspace, reply_work: Workspace,
) -> int:  # fmt: skip
    """Marks the moves that let nobody mate and are nearly as good as the best of them.

    Moves are tried in falling order of value, so that the many which are too bad anyway are not looked at.

    Returns:
        What such a move comes to at least; -2^40 where none is safe, and then the moves are in rising order of value.
    """
    mask = row * NUM_ACTIONS
    num_left, floor = num_moves, signed(NONE_SAFE)
    while num_left > 0:
        value = take_best(listed, values, num_left)
        if value < floor:
            break
        num_left -= 1
        if not lets_mate(boards, hands, row, signed(listed[num_left]), work, reply_work):
            sound[mask + listed[num_left]] = 1
            if floor == NONE_SAFE:
                floor = value - margin
    return floor


@inner
def mark_sound_of(
    boards: UInt8Array, hands: UInt8Array, row: int, legal: UInt8Array, captures: Int64Array, promotions: Int64Array,
    margin: int, sound: UInt8Array, listed: Int32Array, values: Int32Array, work: Workspace, reply_work: Workspace,
) -> None:  # fmt: skip
    """Marks the sound moves of a position without a mate; the exchange alone decides where no move is safe.

    Moves that win nothing on the spot come to 0 at most: where one that does is better by more than the margin, they
    are not looked at.
    """
    mask = row * NUM_ACTIONS
    num_moves = add_exchanges(
        boards, hands, row, legal, captures, promotions, True, listed, values, signed(0), work
    )  # fmt: skip
    if mark_safe(boards, hands, row, listed, values, num_moves, margin, sound, work, reply_work) > 0:
        return
    for index in range(num_moves):
        sound[mask + listed[index]] = 0
    num_moves = add_exchanges(boards, hands, row, legal, captures, promotions, False, listed, values, num_moves, work)
    floor = mark_safe(boards, hands, row, listed, values, num_moves, margin, sound, work, reply_work)
    if floor == NONE_SAFE:
        for index in range(num_moves):
            if values[index] >= values[num_moves - 1] - margin:
                sound[mask + listed[index]] = 1


@kernel
def mark_sound(
    boards: UInt8Array,
    hands: UInt8Array,
    legal: UInt8Array,
    captures: Int64Array,
    promotions: Int64Array,
    margin: int,
    sound: UInt8Array,
    has_mate: UInt8Array,
    listed: Int32Array,
    values: Int32Array,
    work: Workspace,
    reply_work: Workspace,
) -> None:
    """Writes 1 for every sound move.

    Args:
        boards, hands, legal: N positions and their legal moves.
        captures, promotions: See `gain_of`.
        margin: How much less than the best a sound move may come to.
        sound: uint8 [N * 2187], zeros before.
        has_mate: uint8 [N], gets 1 where a move mates, 0 elsewhere.
        listed, values: int32 [2187], working memory: moves and what they come to.
        work: Holds the position after a move.
        reply_work: Holds the one after a reply.
    """
    for row in range(len(has_mate)):
        has_mate[row] = mark_mates_of(boards, hands, signed(row), legal, sound, work) > 0
        if has_mate[row] == 0:
            mark_sound_of(
                boards, hands, signed(row), legal, captures, promotions, signed(margin), sound, listed, values, work,
                reply_work,
            )  # fmt: skip


def new_lists() -> tuple[Int32Array, Int32Array]:
    """Makes the lists that `mark_sound` works with; for one thread."""
    return np.zeros(NUM_ACTIONS, np.int32), np.zeros(NUM_ACTIONS, np.int32)
