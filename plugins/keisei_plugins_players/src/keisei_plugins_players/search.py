"""Alpha-beta over material, compiled.

Scores are pawns' worth of material won since the root, seen by the side to move; a mate is `MATE` less the plies to it.
The last ply is not played: what its moves win is read off the board, and of those moves only the checks are tried, for
a mate. Row p of the stack holds the position p plies below the root.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi import NUM_ACTIONS, NUM_SQUARES, UInt8Array
from keisei_core.shogi.compile import inner, kernel, signed
from keisei_core.shogi.material import PIECE_VALUES
from keisei_core.shogi.mates import gain_tables
from keisei_core.shogi.rules.checks import Workspace, count_replies, find_mate, new_workspace
from keisei_core.shogi.rules.gains import best_gain, gain_of
from keisei_core.shogi.rules.generate import BOTH_HANDS, generate
from keisei_core.shogi.rules.hashing import NO_KEY
from keisei_core.shogi.rules.play import apply

Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]

MATE: Final = 100_000
INFINITE: Final = 1_000_000
MAX_MOVES: Final = 600
"""The most legal moves of any position is 593."""
MAX_GAIN: Final = 64


class Stack(NamedTuple):
    """The positions on the way from the root to the frontier, D rows; one for each thread."""

    boards: UInt8Array
    """uint8 [D * 81]."""
    hands: UInt8Array
    """uint8 [D * 14]."""
    legal: UInt8Array
    """uint8 [D * 2187]."""
    moves: Int32Array
    """int32 [D * 600], legal moves, those that win most first."""
    gains: Int32Array
    """int32 [D * 600], what each wins on the spot."""
    scores: Int32Array
    """int32 [600], of the root's moves."""
    buckets: Int64Array
    """int64 [64], for sorting."""
    nodes: Int64Array
    """int64 [D * 6]: number of moves, how many are done, alpha, beta, best score, material won so far."""
    captures: Int64Array
    """int64 [29], what taking a piece wins; an argument, for the disk cache would not notice a change of a constant."""
    promotions: Int64Array
    """int64 [29], what promoting a piece wins."""
    work: Workspace


COUNT, CURSOR, ALPHA, BETA, BEST, WON, NODE = range(7)


def new_stack(depth: int) -> Stack:
    """Makes working memory for searches of this depth."""
    rows = depth + 1
    return Stack(
        np.zeros(rows * NUM_SQUARES, np.uint8),
        np.zeros(rows * BOTH_HANDS, np.uint8),
        np.zeros(rows * NUM_ACTIONS, np.uint8),
        np.zeros(rows * MAX_MOVES, np.int32),
        np.zeros(rows * MAX_MOVES, np.int32),
        np.zeros(MAX_MOVES, np.int32),
        np.zeros(MAX_GAIN, np.int64),
        np.zeros(rows * NODE, np.int64),
        *gain_tables(PIECE_VALUES),
        new_workspace(),
    )


@inner
def list_moves(stack: Stack, row: int) -> int:
    """Lists the legal moves of a row, those that win most first; returns their number."""
    for gain in range(MAX_GAIN):
        stack.buckets[gain] = 0
    for action in range(NUM_ACTIONS):
        if stack.legal[row * NUM_ACTIONS + action]:
            stack.buckets[gain_of(stack.boards, row, signed(action), stack.captures, stack.promotions)] += 1
    place = signed(0)
    for gain in range(MAX_GAIN - 1, -1, -1):
        size = stack.buckets[gain]
        stack.buckets[gain] = place
        place += size
    for action in range(NUM_ACTIONS):
        if stack.legal[row * NUM_ACTIONS + action]:
            gain = gain_of(stack.boards, row, signed(action), stack.captures, stack.promotions)
            index = row * MAX_MOVES + stack.buckets[gain]
            stack.moves[index] = action
            stack.gains[index] = gain
            stack.buckets[gain] += 1
    return place


@inner
def play_next(stack: Stack, row: int) -> None:
    """Plays the move under a row's cursor, so that the next row holds the position after it."""
    for square in range(NUM_SQUARES):
        stack.boards[(row + 1) * NUM_SQUARES + square] = stack.boards[row * NUM_SQUARES + square]
    for kind in range(BOTH_HANDS):
        stack.hands[(row + 1) * BOTH_HANDS + kind] = stack.hands[row * BOTH_HANDS + kind]
    action = signed(stack.moves[row * MAX_MOVES + stack.nodes[row * NODE + CURSOR]])
    apply(stack.boards, stack.hands, row + 1, action, signed(0), NO_KEY, stack.work.scratch.rows)
    gain = signed(stack.gains[row * MAX_MOVES + stack.nodes[row * NODE + CURSOR]])
    stack.nodes[(row + 1) * NODE + WON] = -(stack.nodes[row * NODE + WON] + gain)


@inner
def score_frontier(stack: Stack, row: int, beta: int) -> int:
    """Returns the best score of a position one ply above the end; may stop short of a mate once it reaches beta.

    The position is the one whose legal moves were generated last.
    """
    work = stack.work
    gain = best_gain(work.scratch, stack.captures, stack.promotions)
    score = signed(stack.nodes[row * NODE + WON]) + gain
    if score < beta and find_mate(stack.boards, stack.hands, row, stack.legal, work) >= 0:
        return MATE - row - 1
    return score


@inner
def search(stack: Stack, depth: int, beta: int, counters: Int64Array) -> int:
    """Returns the score of row 1, exact where it is below beta, else at least beta.

    A loop with a stack instead of recursion, which would be slow to compile.
    """
    row = signed(1)
    stack.nodes[NODE + ALPHA] = -INFINITE
    stack.nodes[NODE + BETA] = beta
    is_new = True
    while True:
        node = row * NODE
        if is_new:
            num_legal, _ = generate(stack.boards, stack.hands, row, stack.legal, stack.work.scratch)
            stack.nodes[node + COUNT] = 0
            stack.nodes[node + CURSOR] = 0
            stack.nodes[node + BEST] = -INFINITE
            if num_legal == 0:
                stack.nodes[node + BEST] = row - MATE
            elif row + 1 == depth:
                counters[0] += num_legal
                stack.nodes[node + BEST] = score_frontier(stack, row, stack.nodes[node + BETA])
            else:
                stack.nodes[node + COUNT] = list_moves(stack, row)
        best = signed(stack.nodes[node + BEST])
        if stack.nodes[node + CURSOR] == stack.nodes[node + COUNT] or best >= stack.nodes[node + BETA]:
            if row == 1:
                return best
            row -= 1
            node = row * NODE
            stack.nodes[node + BEST] = max(stack.nodes[node + BEST], -best)
            stack.nodes[node + CURSOR] += 1
            is_new = False
        else:
            play_next(stack, row)
            stack.nodes[node + NODE + ALPHA] = -stack.nodes[node + BETA]
            stack.nodes[node + NODE + BETA] = -max(stack.nodes[node + ALPHA], best)
            row += 1
            is_new = True


@inner
def score_root(stack: Stack, depth: int, counters: Int64Array) -> int:
    """Scores the root's moves in `stack.scores`, exactly where they are best; returns how many there are."""
    count = list_moves(stack, signed(0))
    stack.nodes[COUNT] = count
    stack.nodes[WON] = 0
    best = signed(-INFINITE)
    if depth == 1:
        counters[0] += count
        mate = find_mate(stack.boards, stack.hands, signed(0), stack.legal, stack.work)
    for index in range(count):
        if depth == 1:
            score = signed(stack.gains[index])
        else:
            stack.nodes[CURSOR] = index
            play_next(stack, signed(0))
            # One more than needed to be better: moves as good as the best must be known as such.
            score = -search(stack, depth, 1 - best, counters)
        stack.scores[index] = score
        best = max(best, score)
    if depth == 1 and mate >= 0:
        mark_root_mates(stack, count)
    return count


@inner
def mark_root_mates(stack: Stack, count: int) -> None:
    """Gives every move that mates at once the score of a mate."""
    for index in range(count):
        if count_replies(stack.boards, stack.hands, signed(0), signed(stack.moves[index]), stack.work) == 0:
            stack.scores[index] = MATE - 1


@inner
def pick_best(stack: Stack, count: int, lot: float) -> int:
    """Returns the move that a lot in 0..1 falls on among those with the best score."""
    best = signed(-INFINITE)
    num_best = signed(0)
    for index in range(count):
        if stack.scores[index] > best:
            best = signed(stack.scores[index])
            num_best = signed(0)
        num_best += signed(stack.scores[index] == best)
    rest = signed(lot * num_best)
    for index in range(count):
        if stack.scores[index] == best:
            if rest == 0:
                return signed(stack.moves[index])
            rest -= 1
    return -1


@kernel
def choose_moves(
    boards: UInt8Array,
    hands: UInt8Array,
    legal: UInt8Array,
    depth: int,
    lots: NDArray[np.float64],
    is_random: UInt8Array,
    actions: Int32Array,
    stack: Stack,
    counters: Int64Array,
) -> None:
    """Chooses a move for every position.

    Args:
        boards, hands, legal: uint8 [N * 81], [N * 14], [N * 2187].
        depth: Plies, at least 1.
        lots: float64 [N] in 0..1, each decides between equally good moves.
        is_random: uint8 [N], 1 where every legal move is as good.
        actions: int32 [N], written.
        stack: Working memory for this depth.
        counters: int64 [1], moves counted at the frontier are added.
    """
    for game in range(len(actions)):
        for square in range(NUM_SQUARES):
            stack.boards[square] = boards[game * NUM_SQUARES + square]
        for kind in range(BOTH_HANDS):
            stack.hands[kind] = hands[game * BOTH_HANDS + kind]
        for action in range(NUM_ACTIONS):
            stack.legal[action] = legal[game * NUM_ACTIONS + action]
        if is_random[game]:
            count = list_moves(stack, signed(0))
            for index in range(count):
                stack.scores[index] = 0
        else:
            count = score_root(stack, depth, counters)
        actions[game] = pick_best(stack, count, lots[game])
