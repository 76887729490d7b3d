"""Sound moves of many positions: mates, or what mates in one and the exchanges after a move do not speak against."""

from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.compile import inner, kernel, signed
from keisei_core.shogi.positions import UInt8Array
from keisei_core.shogi.rules.checks import mark_mates_of
from keisei_core.shogi.rules.exchanges import EVERYTHING, Exchanges, loss_of, note_passed
from keisei_core.shogi.rules.flights import Flights, lets_mate, mark_flights
from keisei_core.shogi.rules.gains import gain_of
from keisei_core.shogi.rules.listing import Int16Array, list_row
from keisei_core.shogi.rules.swaps import set_values
from keisei_core.shogi.rules.threats import Threats, is_calm, mark_threats
from keisei_core.shogi.tables import Int64Array


@inner
def best_value(
    boards: UInt8Array, hands: UInt8Array, row: int, moves: Int16Array, heeds_mates: bool, flights: Flights,
    replies: Exchanges, answers: Exchanges,
) -> int:  # fmt: skip
    """Returns the most that a legal move comes to, of those that let nobody mate if that is heeded.

    Moves that win something on the spot are tried first: others can be better only where these lose.

    Returns:
        `-EVERYTHING` where there is no such move.
    """
    best, swaps = -EVERYTHING, replies.swaps
    for wins in (True, False):
        for index in range(len(moves)):
            action = signed(moves[index])
            won = gain_of(boards, row, action, swaps.captures, swaps.promotions)
            if (won > 0) == wins and won > best:
                lost = loss_of(boards, row, action, signed(0), won - best, replies, answers)
                if won - lost > best and not (
                    heeds_mates and lets_mate(boards, hands, row, action, flights, replies.work, answers.work)
                ):
                    best = won - lost
    return best


@inner
def mark_sound_of(
    boards: UInt8Array, hands: UInt8Array, row: int, moves: Int16Array, margin: int, sound: UInt8Array,
    flights: Flights, threats: Threats, replies: Exchanges, answers: Exchanges,
) -> None:  # fmt: skip
    """Marks the sound moves of a position without a mate; exchanges alone decide where every move lets one be mated."""
    mark_flights(boards, hands, row, answers.work.scratch, flights)
    note_passed(boards, row, replies)
    heeds_mates, swaps = True, replies.swaps
    best = best_value(boards, hands, row, moves, heeds_mates, flights, replies, answers)
    if best == -EVERYTHING:
        heeds_mates = False
        best = best_value(boards, hands, row, moves, heeds_mates, flights, replies, answers)
    mark_threats(margin - best, flights, threats, replies)
    for index in range(len(moves)):
        action = signed(moves[index])
        may_lose = gain_of(boards, row, action, swaps.captures, swaps.promotions) - best + margin
        if may_lose >= 0 and (
            is_calm(boards, row, action, threats, swaps)
            or loss_of(boards, row, action, may_lose, may_lose + 1, replies, answers) <= may_lose
        ):
            sound[row * NUM_ACTIONS + action] = not (
                heeds_mates and lets_mate(boards, hands, row, action, flights, replies.work, answers.work)
            )


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
    moves: Int16Array,
    flights: Flights,
    threats: Threats,
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
        moves: int16 [640], working memory, as `flights`, `threats`, `replies` and `answers` are.
    """
    set_values(replies.swaps, captures, promotions)
    set_values(answers.swaps, captures, promotions)
    for row in range(len(has_mate)):
        has_mate[row] = mark_mates_of(boards, hands, signed(row), legal, sound, replies.work) > 0
        if has_mate[row] == 0:
            listed = moves[: list_row(legal, signed(row), moves, signed(0))]
            mark_sound_of(boards, hands, signed(row), listed, signed(margin), sound, flights, threats, replies, answers)
