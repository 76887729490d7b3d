"""Which moves may let the mover be mated: all but those that leave the king a square to flee to, whatever check comes.

Asked once a position, before any move is tried. What is said to be safe is; what is not said to be safe may be so too.
"""

from typing import Final, NamedTuple

import numpy as np

from keisei_core.shogi.actions import DOWN, DROPS, LEFT, UP_LEFT
from keisei_core.shogi.compile import inner, signed, trailing_zeros, unsigned
from keisei_core.shogi.positions import NUM_HAND_KINDS, NUM_SQUARES, OPPONENT, UInt8Array
from keisei_core.shogi.rules.checks import Workspace, code_after, count_replies, has_move, list_checks, try_move
from keisei_core.shogi.rules.covers import COVERED, FAR, MOST_COVERED, NEXT, SLIDERS
from keisei_core.shogi.rules.generate import BOTH_HANDS, clear_pins, find_targets
from keisei_core.shogi.rules.play import LAST_SQUARE, find_origin
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
    DELTA,
    DIRECTION_TO,
    KING,
    NEIGHBOURS,
    NUM_LINES,
    OPPONENT_SLIDES,
    OPPOSITE,
    PATH,
    PATHS,
    RAY_LENGTH,
    Int64Array,
)

SHIELDS = np.uint8(2)


class Flights(NamedTuple):
    """Which moves of one position may let one be mated; one for each thread."""

    leaves: UInt8Array
    """uint8 [128], by square: not 0 if a move from there may; `SHIELDS` if flights are others after it."""
    enters: UInt8Array
    """uint8 [128], the same of moves and drops that lead there."""
    near: UInt8Array
    """uint8 [128], by square: the bit of the line in which it is next to the king; zeros between calls."""
    attacked: UInt8Array
    """uint8 [128], 1 where the opponent attacks, be it a square of its own; the king stands in no slide's way."""
    hit: UInt8Array
    """uint8 [128], 1 where a slide of the opponent's ends at an own piece."""
    king: Int64Array
    """int64 [2], the king's square, and the squares next to him that are free, as lines from him; none if unknown."""


def new_flights() -> Flights:
    """Makes working memory for one thread."""
    leaves, enters, near, attacked, hit = (np.zeros(STRIDE, np.uint8) for _ in range(5))
    return Flights(leaves, enters, near, attacked, hit, np.zeros(2, np.int64))


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
            flights.leaves[own] |= SHIELDS * signed(reached != 0)
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
        if (guarded >> line) & 1 and free & ~MOST_COVERED[NEXT, kinds, line] == 0:
            return True
        if (vacant >> line) & 1 and free & ~MOST_COVERED[FAR, kinds, line] == 0:
            return True
    return False


@inner
def look_around(rows: UInt8Array, flights: Flights, king: int) -> tuple[int, int, int]:
    """Notes where own pieces stand next to the king, and in which lines from him the squares next to him are.

    Returns:
        Squares next to the king, as lines from him: those without own pieces, those attacked, those empty. Outside of
        the board there is nothing but attacks and emptiness.
    """
    open_, guarded, vacant = signed(0), signed(0), signed(0)
    for line in range(NUM_LINES):
        square = signed(PATHS[(king * NUM_LINES + line) * PATH])
        flights.near[square] = 1 << line
        flights.leaves[square] = rows[NOT_OWN + square] == 0
        open_ |= signed(rows[NOT_OWN + square]) << line
        guarded |= signed(rows[ATTACKED + square] != 0) << line
        vacant |= signed(rows[CODES + square] == 0) << line
    flights.leaves[king] = SHIELDS
    return open_, guarded, vacant


@inner
def kinds_in_hand(hands: UInt8Array, row: int) -> int:
    """Returns the kinds of sliding pieces that the opponent may drop, a set of `SLIDERS`."""
    kinds, before_first = signed(0), row * BOTH_HANDS + NUM_HAND_KINDS - 1
    for place in range(len(SLIDERS)):
        kinds |= signed(hands[before_first + SLIDERS[place]] != 0) << place
    return kinds


@inner
def mark_entries(flights: Flights, king: int, free: int, guarded: int, vacant: int, kinds: int) -> None:
    """Marks the squares where a move that leads there may let one be mated; see `is_lost` for the arguments."""
    is_every = is_lost(free, guarded, vacant, kinds)
    for square in range(STRIDE):
        flights.enters[square] = is_every
    for line in range(NUM_LINES):
        square = signed(PATHS[(king * NUM_LINES + line) * PATH])
        if (free >> line) & 1:
            flights.enters[square] = is_lost(free & ~(1 << line), guarded, vacant, kinds)
        flights.near[square] = 0


@inner
def mark_flights(boards: UInt8Array, hands: UInt8Array, row: int, scratch: Scratch, flights: Flights) -> None:
    """Finds which moves of a position may let its mover be mated; see `may_let_mate`."""
    rows = scratch.rows
    _, num_pins = find_targets(boards, unsigned(row) * unsigned(NUM_SQUARES), scratch)
    clear_pins(rows, num_pins)
    for square in range(STRIDE):
        flights.leaves[square], flights.hit[square] = 0, 0
        flights.attacked[square] = rows[ATTACKED + square]
    king = signed(scratch.listed[OWN_KING])
    open_, guarded, vacant = look_around(rows, flights, king)
    opened, kinds = trace_shields(scratch, flights)
    on_board = signed(NEIGHBOURS[king])
    guarded = (guarded | opened) & on_board
    # A check that a piece uncovers may come from anywhere, and cover anything.
    free = open_ & ~guarded if opened < KING_BIT else signed(0)
    flights.king[0], flights.king[1] = king, free
    mark_entries(flights, king, free, guarded, vacant & on_board, kinds | kinds_in_hand(hands, row))


@inner
def may_let_mate(boards: UInt8Array, row: int, action: int, flights: Flights) -> bool:
    """Tells whether a legal action may let one be mated; never denies it wrongly. `mark_flights` is called before."""
    plane = action // NUM_SQUARES
    if flights.enters[action - plane * NUM_SQUARES]:
        return True
    return plane < DROPS and flights.leaves[find_origin(boards, row, action)] != 0


@inner
def free_after(boards: UInt8Array, row: int, action: int, flights: Flights) -> int:
    """Returns which squares next to the king are surely free after a legal action, as lines from him."""
    plane, king = action // NUM_SQUARES, signed(flights.king[0])
    square, free = action - plane * NUM_SQUARES, signed(flights.king[1])
    if plane < DROPS and flights.leaves[find_origin(boards, row, action)] >= SHIELDS:
        return 0
    line = signed(DIRECTION_TO[square, king])
    return free & ~(1 << OPPOSITE[line]) if line < NUM_LINES else free


@inner
def leaves_free(work: Workspace, reply: int, king: int, free: int) -> bool:
    """Tells whether a check surely leaves one of some squares next to a king free."""
    square = LAST_SQUARE - reply % NUM_SQUARES
    line = signed(DIRECTION_TO[square, king])
    if line >= NUM_LINES:
        return free != 0
    line = signed(OPPOSITE[line])
    is_next = PATHS[(king * NUM_LINES + line) * PATH] == square
    covered = signed(COVERED[NEXT if is_next else FAR, code_after(work.boards, signed(0), reply), line])
    return free & ~covered != 0


@inner
def lets_mate(
    boards: UInt8Array, hands: UInt8Array, row: int, action: int, flights: Flights, work: Workspace,
    reply_work: Workspace,
) -> bool:  # fmt: skip
    """Tells whether a reply to a legal action mates. `mark_flights` is called before."""
    if not may_let_mate(boards, row, action, flights):
        return False
    count_replies(boards, hands, row, action, work)
    king, free = signed(flights.king[0]), free_after(boards, row, action, flights)
    num = list_checks(work.boards, signed(0), work.legal, reply_work.checks, reply_work.targets)
    for index in range(num):
        reply = signed(reply_work.checks[index])
        if not leaves_free(work, reply, king, free):
            try_move(work.boards, work.hands, signed(0), reply, reply_work)
            if not has_move(reply_work):
                return True
    return False
