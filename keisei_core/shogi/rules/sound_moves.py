"""Sound moves of many positions: mates, or what mates in one and the exchanges after a move do not speak against."""

from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.compile import inner, kernel, signed
from keisei_core.shogi.positions import UInt8Array
from keisei_core.shogi.rules.checks import find_mate, mark_mates_of
from keisei_core.shogi.rules.exchanges import EVERYTHING, Exchanges, loss_of
from keisei_core.shogi.rules.flights import Flights, mark_flights, may_let_mate
from keisei_core.shogi.rules.gains import gain_of
from keisei_core.shogi.rules.generate import write_moves
from keisei_core.shogi.rules.swaps import set_values
from keisei_core.shogi.tables import Int64Array


@inner
def lets_mate(
    boards: UInt8Array, row: int, action: int, flights: Flights, replies: Exchanges, answers: Exchanges
) -> bool:
    """Tells whether a reply to a legal action mates; `loss_of` was asked about it last."""
    work = replies.work
    if not may_let_mate(boards, row, action, flights):
        return False
    write_moves(work.boards, work.hands, signed(0), work.legal, work.scratch, True)
    return find_mate(work.boards, work.hands, signed(0), work.legal, answers.work) >= 0


@inner
def best_value(
    boards: UInt8Array, hands: UInt8Array, row: int, legal: UInt8Array, heeds_mates: bool, flights: Flights,
    replies: Exchanges, answers: Exchanges,
) -> int:  # fmt: skip
    """Returns the most that a legal move comes to, of those that let nobody mate if that is heeded.

    Moves that win something on the spot are tried first: others can be better only where these lose.

    Returns:
        `-EVERYTHING` where there is no such move.
    """
    best, swaps = -EVERYTHING, replies.swaps
    for wins in (True, False):
        for action in range(NUM_ACTIONS):
            if legal[row * NUM_ACTIONS + action]:
                won = gain_of(boards, row, signed(action), swaps.captures, swaps.promotions)
                if (won > 0) == wins and won > best:
                    lost = loss_of(boards, hands, row, signed(action), signed(0), won - best, replies, answers)
                    if won - lost > best and not (
                        heeds_mates and lets_mate(boards, row, signed(action), flights, replies, answers)
                    ):
                        best = won - lost
    return best


@inner
def mark_sound_of(
    boards: UInt8Array, hands: UInt8Array, row: int, legal: UInt8Array, margin: int, sound: UInt8Array,
    flights: Flights, replies: Exchanges, answers: Exchanges,
) -> None:  # fmt: skip
    """Marks the sound moves of a position without a mate; exchanges alone decide where every move lets one be mated."""
    mark_flights(boards, hands, row, answers.work.scratch, flights)
    heeds_mates, swaps = True, replies.swaps
    best = best_value(boards, hands, row, legal, heeds_mates, flights, replies, answers)
    if best == -EVERYTHING:
        heeds_mates = False
        best = best_value(boards, hands, row, legal, heeds_mates, flights, replies, answers)
    for action in range(NUM_ACTIONS):
        if legal[row * NUM_ACTIONS + action]:
            may_lose = gain_of(boards, row, signed(action), swaps.captures, swaps.promotions) - best + margin
            if may_lose >= 0:
                lost = loss_of(boards, hands, row, signed(action), may_lose, may_lose + 1, replies, answers)
                if lost <= may_lose and not (
                    heeds_mates and lets_mate(boards, row, signed(action), flights, replies, answers)
                ):
                    sound[row * NUM_ACTIONS + action] = 1


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
    flights: Flights,
    replies: Exchanges,
    answers: Exchanges,
) -> None:
    """Writes 1 for every sound move.

    Args:
        boards, hands, legal: N positions and their legal moves.
        captures, promotions: See `gain_of`.
        margin: How much less than the best a sound move may come to.
        sound: uint8 [N * 2187], zeros before.
        has_mate: uint8 [N], gets 1 where a move mates, 0 elsewhere.
        flights, replies, answers: Working memory.
    """
    set_values(replies.swaps, captures, promotions)
    set_values(answers.swaps, captures, promotions)
    for row in range(len(has_mate)):
        has_mate[row] = mark_mates_of(boards, hands, signed(row), legal, sound, replies.work) > 0
        if has_mate[row] == 0:
            mark_sound_of(boards, hands, signed(row), legal, signed(margin), sound, flights, replies, answers)
