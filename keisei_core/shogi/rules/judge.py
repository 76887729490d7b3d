"""Whether a game has ended, and how: mate, repetition, declaration, the cap on plies."""

from typing import Final

from keisei_core.shogi.compile import inner, kernel, signed, stage, unsigned
from keisei_core.shogi.ending import Ending
from keisei_core.shogi.positions import NUM_HAND_KINDS, NUM_SQUARES, UInt8Array
from keisei_core.shogi.rules.generate import BOTH_HANDS
from keisei_core.shogi.tables import KING, POINTS, RANK, UInt64Array

REPETITION: Final = int(Ending.REPETITION)
PERPETUAL_CHECK_BY_MOVER: Final = int(Ending.PERPETUAL_CHECK_BY_MOVER)
PERPETUAL_CHECK_BY_OPPONENT: Final = int(Ending.PERPETUAL_CHECK_BY_OPPONENT)

CAMP_RANKS: Final = 3
MIN_CAMP_PIECES: Final = 10
BLACK_POINTS: Final = 28
"""Black needs 28 points, White one less."""


@inner
def can_declare(boards: UInt8Array, hands: UInt8Array, row: int, king: int, side: int) -> bool:
    """Tells whether a mover who is not in check meets the 27-point declaration (CSA's rule).

    King and at least ten other own pieces in the far three ranks; pieces there and in hand count 5 for rooks and
    bishops, promoted or not, and 1 for the others; Black needs 28 points, White 27.
    """
    if RANK[king] >= CAMP_RANKS:
        return False
    board, hand = row * NUM_SQUARES, row * BOTH_HANDS
    num_pieces, points = signed(0), signed(0)
    for file in range(9):
        for rank in range(CAMP_RANKS):
            worth = POINTS[boards[board + file * 9 + rank]]
            num_pieces += signed(worth != 0)
            points += worth
    for kind in range(NUM_HAND_KINDS):
        points += signed(hands[hand + kind]) * POINTS[kind + 1]
    return num_pieces >= MIN_CAMP_PIECES and points >= BLACK_POINTS - side


@kernel
def mark_declarable(boards: UInt8Array, hands: UInt8Array, sides: UInt8Array, found: UInt8Array) -> None:
    """Writes 1 into `found` [N] for each position whose mover, if he is not in check, may declare; else 0."""
    for row in range(len(sides)):
        king = signed(0)
        while king < NUM_SQUARES and boards[row * NUM_SQUARES + king] != KING:
            king += 1
        found[row] = can_declare(boards, hands, signed(row), king, signed(sides[row]))


@stage
def count_earlier(history: UInt64Array, first: int, num_earlier: int, key: int) -> int:
    """Counts how often a hash stands among the earlier positions with the same side to move."""
    times = signed(0)
    for earlier in range(unsigned(num_earlier)):
        times += signed(history[unsigned(first) + earlier] == key)
    return times


@stage
def first_earlier(history: UInt64Array, first: int, num_earlier: int, key: int) -> int:
    """Returns the index of the first earlier position with a hash; `num_earlier` where there is none."""
    earlier = signed(0)
    while earlier < num_earlier and history[first + earlier] != key:
        earlier += 1
    return earlier


@stage
def last_earlier(history: UInt64Array, first: int, num_earlier: int, key: int) -> int:
    """Returns the index of the last earlier position with a hash; -1 where there is none."""
    earlier = signed(num_earlier) - 1
    while earlier >= 0 and history[first + earlier] != key:
        earlier -= 1
    return earlier


@stage
def judge_repetition(num_moves: int, mover_checks: int, opponent_checks: int) -> int:
    """Judges a fourth occurrence: who, if anyone, gave check with every move since the first one.

    Args:
        num_moves: How many moves of each player lie between.
        mover_checks: How many latest moves without a break gave check, by the player who just moved.
        opponent_checks: The same for the other player.
    """
    if mover_checks >= num_moves:
        return PERPETUAL_CHECK_BY_MOVER
    if opponent_checks >= num_moves:
        return PERPETUAL_CHECK_BY_OPPONENT
    return REPETITION
