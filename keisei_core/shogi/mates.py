"""Mates in one, and what moves come to in material, for many positions at once.

Shape key: N positions.
"""

from collections.abc import Sequence
from threading import local
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.crew import share_rows
from keisei_core.shogi.positions import NUM_SQUARES, OPPONENT, Positions, UInt8Array
from keisei_core.shogi.rules.checks import mark_mates
from keisei_core.shogi.rules.exchanges import mark_exchanges, new_exchanges
from keisei_core.shogi.rules.flights import new_flights
from keisei_core.shogi.rules.generate import BOTH_HANDS
from keisei_core.shogi.rules.listing import WIDTH
from keisei_core.shogi.rules.sound_moves import mark_sound
from keisei_core.shogi.rules.threats import new_threats
from keisei_core.shogi.tables import KIND_IN_HAND, KING, NUM_CODES, PROMOTED, Int64Array

SLOW_ROWS: Final = 16
FAST_ROWS: Final = 128
"""Rows that a thread takes at once: of work that tries every move, and of work that tries checks."""


class Memory(local):
    """Working memory, apart for each thread, which makes its own once: that costs as much as a position does."""

    def __init__(self) -> None:
        self.replies, self.answers = new_exchanges(), new_exchanges()
        self.flights, self.threats = new_flights(), new_threats()
        self.moves = np.empty(WIDTH, np.int16)


MEMORY: Final = Memory()


def find_mates(positions: Positions, legal: UInt8Array) -> UInt8Array:
    """Finds the moves that mate at once.

    Args:
        positions: N positions.
        legal: uint8 [N, 2187], their legal moves.

    Returns:
        uint8 [N, 2187], 1 where a legal move mates. A move that leaves no move without giving check, which ends a game
        too but needs a bare king, is not found.
    """
    mates = np.zeros((len(positions), NUM_ACTIONS), np.uint8)
    flat = flat_positions(positions, legal)

    def mark(rows: slice) -> None:
        mark_mates(*part(flat, rows), mates[rows].reshape(-1), MEMORY.replies.work)

    share_rows(len(positions), FAST_ROWS, mark)
    return mates


def exchange_values(positions: Positions, legal: UInt8Array, piece_values: Sequence[int]) -> NDArray[np.int32]:
    """Returns what each legal move wins in material on the spot, less the most that a reply to it wins in the end.

    A reply wins by a capture or a promotion: as much as the exchange on that square leaves it, by static exchange
    evaluation (`rules/swaps.py`), less what the mover can take in return. A piece that is defended well enough does not
    hang, nor does one whose capture costs more elsewhere. A reply to a check must answer it.

    Args:
        positions: N positions.
        legal: uint8 [N, 2187], their legal moves.
        piece_values: worth of the piece codes 0..14, on the board or in hand.

    Returns:
        int32 [N, 2187] in the unit of `piece_values`; 0 where a move is not legal.
    """
    exchanges = np.zeros((len(positions), NUM_ACTIONS), np.int32)
    tables, flat = gain_tables(piece_values), flat_positions(positions, legal)

    def mark(rows: slice) -> None:
        boards, _, masks = part(flat, rows)
        mark_exchanges(boards, masks, *tables, exchanges[rows].reshape(-1), MEMORY.replies, MEMORY.answers)

    share_rows(len(positions), SLOW_ROWS, mark)
    return exchanges


@attrs.frozen(eq=False)
class SoundMoves:
    """Which moves of N positions are sound, and in which of them one mates."""

    sound: NDArray[np.bool_]
    """bool [N, 2187], at least one in each position with a legal move."""
    has_mate: NDArray[np.bool_]
    """bool [N]; there the sound moves are those that mate."""


def find_sound(positions: Positions, legal: UInt8Array, piece_values: Sequence[int], margin: int) -> SoundMoves:
    """Finds the moves that neither exchanges nor mates in one speak against.

    A move is sound if it mates; where none mates, if no reply to it mates and its exchange, see `exchange_values`, is
    nearly as good as the best such move's. Where every move lets one be mated, the exchange alone decides.

    Args:
        positions: N positions.
        legal: uint8 [N, 2187], their legal moves.
        piece_values: worth of the piece codes 0..14, on the board or in hand.
        margin: how much less than the best a sound move may come to, in the unit of `piece_values`.
    """
    sound = np.zeros((len(positions), NUM_ACTIONS), np.uint8)
    has_mate = np.zeros(len(positions), np.uint8)
    tables, flat = gain_tables(piece_values), flat_positions(positions, legal)

    def mark(rows: slice) -> None:
        marks, memory = (sound[rows].reshape(-1), has_mate[rows]), MEMORY
        mark_sound(
            *part(flat, rows), *tables, margin, *marks,
            memory.moves, memory.flights, memory.threats, memory.replies, memory.answers,
        )  # fmt: skip

    share_rows(len(positions), SLOW_ROWS, mark)
    return SoundMoves(sound.view(np.bool_), has_mate.view(np.bool_))


def gain_tables(piece_values: Sequence[int]) -> tuple[Int64Array, Int64Array]:
    """Returns what taking a piece and what promoting one is worth, int64 [29] each by piece code.

    A piece taken is lost to the opponent as it stood on the board, and gained in hand as it was before promotion.
    """
    captures, promotions = np.zeros(NUM_CODES, np.int64), np.zeros(NUM_CODES, np.int64)
    for code in range(1, OPPONENT + 1):
        if code != KING:
            captures[code + OPPONENT] = piece_values[code] + piece_values[KIND_IN_HAND[code] + 1]
        if code < KING and code + PROMOTED <= OPPONENT:
            promotions[code] = piece_values[code + PROMOTED] - piece_values[code]
    return captures, promotions


def flat_positions(positions: Positions, legal: UInt8Array) -> tuple[UInt8Array, UInt8Array, UInt8Array]:
    """Returns boards, hands and legal moves as flat arrays that a kernel takes; copies where they are read-only."""
    arrays = (positions.board, positions.hands, legal)
    flat = (np.require(array, np.uint8, ["C", "W"]).reshape(-1) for array in arrays)
    boards, hands, masks = flat
    return boards, hands, masks


def part(flat: tuple[UInt8Array, UInt8Array, UInt8Array], rows: slice) -> tuple[UInt8Array, UInt8Array, UInt8Array]:
    """Returns what `flat_positions` gave of some rows, a slice of step 1, not copied."""
    widths = (NUM_SQUARES, BOTH_HANDS, NUM_ACTIONS)
    cut = (array[rows.start * width : rows.stop * width] for array, width in zip(flat, widths, strict=True))
    boards, hands, legal = cut
    return boards, hands, legal
