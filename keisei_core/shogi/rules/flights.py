"""Which moves may let the mover be mated: all but those that leave the king a square to flee to, whatever check comes.

Asked once a position, before any move is tried. What is said to be safe is; what is not said to be safe may be so too.
"""

from typing import Final, NamedTuple

import numpy as np

from keisei_core.shogi.actions import DOWN, DROPS, LEFT, UP_LEFT
from keisei_core.shogi.compile import inner, signed, trailing_zeros, unsigned
from keisei_core.shogi.positions import NUM_HAND_KINDS, NUM_SQUARES, OPPONENT, UInt8Array
from keisei_core.shogi.rules.checks import Workspace, count_replies, find_mate
from keisei_core.shogi.rules.generate import BOTH_HANDS, clear_pins, find_targets
from keisei_core.shogi.rules.play import find_origin
from keisei_core.shogi.rules.scratch import (
    ATTACKED,
    CODES,
    LINE_PIECE_WORDS,
    NOT_OWN,
    OWN_KING,
    STRIDE,
    Scratch,
)
from keisei_core.shogi.rules.slides import SQUARES_IN_HALF, half_as_bits
from keisei_core.shogi.tables import (
    BISHOP,
    DELTA,
    FILE_STEP,
    KING,
    LANCE,
    NEIGHBOURS,
    NUM_LINES,
    OPPONENT_SLIDES,
    OPPOSITE,
    PATH,
    PATHS,
    RANK_STEP,
    RAY_LENGTH,
    ROOK,
    Int64Array,
)

SLIDERS: Final = (LANCE, BISHOP, ROOK)
NEXT, FAR = 0, 1


class Flights(NamedTuple):
    """Which moves of one position may let one be mated; one for each thread."""

    leaves: UInt8Array
    """uint8 [128], by square: not 0 if a move from there may."""
    enters: UInt8Array
    """uint8 [128], the same of moves and drops that lead there."""
    near: UInt8Array
    """uint8 [128], by square: the bit of the line in which it is next to the king; zeros between calls."""
    attacked: UInt8Array
    """uint8 [128], 1 where the opponent attacks, be it a square of its own; the king stands in no slide's way."""
    hit: UInt8Array
    """uint8 [128], 1 where a slide of the opponent's ends at an own piece."""


def new_flights() -> Flights:
    """Makes working memory for one thread."""
    return Flights(*(np.zeros(STRIDE, np.uint8) for _ in range(5)))


def _slides(kinds: int) -> int:
    """Returns the lines in which a set of the opponent's `SLIDERS` slide, bit k for the kind of place k."""
    lines = [int(OPPONENT_SLIDES[OPPONENT + kind]) for place, kind in enumerate(SLIDERS) if kinds >> place & 1]
    return int(np.bitwise_or.reduce(np.array([0, *lines])))


def _covered(kinds: int, line: int, distance: int) -> int:
    """Returns the lines from a king in which a check may take the square next to him; more than any single piece takes.

    Args:
        kinds: The sliding pieces that there are, a set of `SLIDERS`; what can be a dragon or a horse is taken as one.
        line: Where the check comes from.
        distance: 1, or 2 for that and more, from where only pieces that slide give check.
    """
    slides, covered = _slides(kinds), 0
    if distance > 1 and not slides >> OPPOSITE[line] & 1:
        return 0
    for other in range(NUM_LINES):
        file = FILE_STEP[other] - distance * FILE_STEP[line]
        rank = RANK_STEP[other] - distance * RANK_STEP[line]
        length = max(abs(file), abs(rank))
        if length and (file == 0 or rank == 0 or abs(file) == abs(rank)):
            steps = zip(FILE_STEP[:NUM_LINES], RANK_STEP[:NUM_LINES], strict=True)
            way = list(steps).index((file // length, rank // length))
            covered |= (length == 1 or slides >> way & 1) << other
    return covered


COVERED: Final[Int64Array] = np.array(
    [
        [[_covered(kinds, line, distance) for line in range(NUM_LINES)] for kinds in range(1 << len(SLIDERS))]
        for distance in (1, 2)
    ]
)
"""int64 [2, 8, 8]; `_covered` by distance, kinds and line."""


KING_BIT: Final = 1 << NUM_LINES
"""Stands for the king's own square among bits of the squares next to him."""


@inner
def trace_shield(rows: UInt8Array, flights: Flights, origin: int, line: int) -> int:
    """Follows one slide, see `trace_shields`, through one piece of each side; returns what would be opened, as bits."""
    opened, own, others, square = signed(0), signed(-1), signed(0), origin
    for _ in range(RAY_LENGTH[origin, line]):
        square += signed(DELTA[line])
        code = signed(rows[CODES + square])
        reached = signed(KING_BIT) if code == KING else signed(flights.near[square])
        if own >= 0:
            flights.leaves[own] |= reached != 0
        elif others:
            opened |= reached
        if code > OPPONENT:
            others += 1
        elif code and code != KING:
            if own >= 0:
                break
            own = square
            flights.hit[own] |= others == 0
        if others > 1:
            break
    return opened


@inner
def trace_shields(scratch: Scratch, flights: Flights) -> tuple[int, int]:
    """Marks own pieces without which a slide would reach the king or a square next to him.

    Returns:
        What a slide would reach if one of the opponent's own pieces left its way: bits of lines from the king, and
        `KING_BIT`. And the kinds of sliding pieces on the board, a set of `SLIDERS`.
    """
    rows, opened, slides = scratch.rows, signed(0), signed(0)
    for half in range(2):
        bits = half_as_bits(scratch.words, LINE_PIECE_WORDS, half)
        while bits:
            origin = half * SQUARES_IN_HALF + trailing_zeros(bits)
            bits &= bits - 1
            lines = signed(OPPONENT_SLIDES[rows[CODES + origin]])
            slides |= lines
            while lines:
                line = trailing_zeros(lines)
                lines &= lines - 1
                opened |= trace_shield(rows, flights, origin, line)
    return opened, (slides >> DOWN & 1) | (slides >> UP_LEFT & 1) << 1 | (slides >> LEFT & 1) << 2


@inner
def is_lost(free: int, guarded: int, vacant: int, kinds: int) -> bool:
    """Tells whether one check might take all the free squares next to the king.

    Args:
        free, guarded, vacant: Squares next to the king as bits: where he may go, what is attacked, what is empty.
        kinds: The opponent's sliding pieces, a set of `SLIDERS`.
    """
    if free == 0:
        return True
    for line in range(NUM_LINES):
        if (guarded >> line) & 1 and free & ~COVERED[NEXT, kinds, line] == 0:
            return True
        if (vacant >> line) & 1 and free & ~COVERED[FAR, kinds, line] == 0:
            return True
    return False


@inner
def mark_flights(boards: UInt8Array, hands: UInt8Array, row: int, scratch: Scratch, flights: Flights) -> None:
    """Finds which moves of a position may let its mover be mated; see `may_let_mate`."""
    rows, leaves, enters, near = scratch.rows, flights.leaves, flights.enters, flights.near
    _, num_pins = find_targets(boards, unsigned(row) * unsigned(NUM_SQUARES), scratch)
    clear_pins(rows, num_pins)
    king = signed(scratch.listed[OWN_KING])
    for square in range(STRIDE):
        leaves[square], flights.hit[square] = 0, 0
        flights.attacked[square] = rows[ATTACKED + square]
    free, guarded, vacant = signed(0), signed(0), signed(0)
    for line in range(NUM_LINES):
        square = signed(PATHS[(king * NUM_LINES + line) * PATH])
        near[square] = 1 << line
        leaves[square] = rows[NOT_OWN + square] == 0
        free |= signed(rows[NOT_OWN + square]) << line
        guarded |= signed(rows[ATTACKED + square] != 0) << line
        vacant |= signed(rows[CODES + square] == 0) << line
    leaves[king] = 1
    opened, kinds = trace_shields(scratch, flights)
    hand = row * BOTH_HANDS + NUM_HAND_KINDS - 1
    for place in range(len(SLIDERS)):
        kinds |= signed(hands[hand + SLIDERS[place]] != 0) << place
    guarded = (guarded | opened) & signed(NEIGHBOURS[king])
    vacant &= signed(NEIGHBOURS[king])
    free &= ~guarded
    all_may = opened >= KING_BIT or is_lost(free, guarded, vacant, kinds)
    for square in range(STRIDE):
        enters[square] = all_may
    for line in range(NUM_LINES):
        square = signed(PATHS[(king * NUM_LINES + line) * PATH])
        if not all_may and (free >> line) & 1:
            enters[square] = is_lost(free & ~(1 << line), guarded, vacant, kinds)
        near[square] = 0


@inner
def may_let_mate(boards: UInt8Array, row: int, action: int, flights: Flights) -> bool:
    """Tells whether a legal action may let one be mated; never denies it wrongly. `mark_flights` is called before."""
    plane = action // NUM_SQUARES
    if flights.enters[action - plane * NUM_SQUARES]:
        return True
    return plane < DROPS and flights.leaves[find_origin(boards, row, action)] != 0


@inner
def lets_mate(
    boards: UInt8Array, hands: UInt8Array, row: int, action: int, flights: Flights, work: Workspace,
    reply_work: Workspace,
) -> bool:  # fmt: skip
    """Tells whether a reply to a legal action mates. `mark_flights` is called before."""
    if not may_let_mate(boards, row, action, flights):
        return False
    count_replies(boards, hands, row, action, work)
    return find_mate(work.boards, work.hands, signed(0), work.legal, reply_work) >= 0
