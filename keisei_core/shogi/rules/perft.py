"""Counting positions below a position, with all moves on one stack of arrays."""

from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.compile import kernel, signed
from keisei_core.shogi.positions import NUM_SQUARES, UInt8Array
from keisei_core.shogi.rules.generate import BOTH_HANDS, generate
from keisei_core.shogi.rules.hashing import NO_KEY
from keisei_core.shogi.rules.play import apply
from keisei_core.shogi.rules.scratch import Scratch
from keisei_core.shogi.tables import Int64Array


@kernel
def count_leaves(
    boards: UInt8Array,
    hands: UInt8Array,
    legal: UInt8Array,
    cursors: Int64Array,
    side: int,
    depth: int,
    scratch: Scratch,
) -> int:
    """Counts the positions `depth` plies below position 0; row d of the arrays holds ply d.

    The last ply is counted, not played. One loop instead of recursion, which would be slow to compile.
    """
    num_legal, _ = generate(boards, hands, signed(0), legal, scratch)
    if depth == 1:
        return num_legal
    total = signed(0)
    cursors[0] = 0
    ply = signed(0)
    while ply >= 0:
        action = signed(cursors[ply])
        while action < NUM_ACTIONS and legal[ply * NUM_ACTIONS + action] == 0:
            action += 1
        if action == NUM_ACTIONS:
            ply -= 1
            continue
        cursors[ply] = action + 1
        for square in range(NUM_SQUARES):
            boards[(ply + 1) * NUM_SQUARES + square] = boards[ply * NUM_SQUARES + square]
        for kind in range(BOTH_HANDS):
            hands[(ply + 1) * BOTH_HANDS + kind] = hands[ply * BOTH_HANDS + kind]
        apply(boards, hands, ply + 1, action, (side + ply) & 1, NO_KEY, scratch.rows)
        num_legal, _ = generate(boards, hands, ply + 1, legal, scratch)
        if ply + 2 == depth:
            total += num_legal
        else:
            ply += 1
            cursors[ply] = 0
    return total
