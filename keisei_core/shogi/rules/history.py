"""Earlier positions of a game: kept beside the present one and turned with it at every ply, or made again from a store.

Shape key: N positions, H earlier ones of each, in entries of 96 bytes: board, hands, repetition; the latest first. All
bytes of an entry are 0 where there was no such position, and turning leaves them 0.
"""

from typing import Final

import numpy as np

from keisei_core.shogi.compile import inner, kernel, signed, stage, unsigned
from keisei_core.shogi.positions import (
    EARLIER_BYTES,
    EARLIER_HANDS,
    EARLIER_REPETITION,
    NUM_HAND_KINDS,
    NUM_SQUARES,
    OPPONENT,
    UInt8Array,
)
from keisei_core.shogi.tables import Int64Array

ENTRY: Final = unsigned(EARLIER_BYTES)
LAST_SQUARE: Final = unsigned(NUM_SQUARES - 1)
OWN_HAND: Final = unsigned(EARLIER_HANDS)
OTHER_HAND: Final = unsigned(EARLIER_HANDS + NUM_HAND_KINDS)
REPETITION: Final = unsigned(EARLIER_REPETITION)
OPPONENT_CODE: Final = np.uint8(OPPONENT)


@stage
def turn_board(source: UInt8Array, board: int, target: UInt8Array, place: int) -> None:
    """Writes a board as the other player sees it."""
    for square in range(unsigned(NUM_SQUARES)):
        code = source[board + square]
        other = np.uint8(code + OPPONENT_CODE) if code <= OPPONENT else np.uint8(code - OPPONENT_CODE)
        target[place + LAST_SQUARE - square] = np.uint8(0) if code == 0 else other


@stage
def turn_hands(source: UInt8Array, own: int, other: int, target: UInt8Array, entry: int) -> None:
    """Writes both hands into an entry as the other player sees them."""
    for kind in range(unsigned(NUM_HAND_KINDS)):
        target[entry + OWN_HAND + kind] = source[other + kind]
        target[entry + OTHER_HAND + kind] = source[own + kind]


@stage
def turn_entry(source: UInt8Array, first: int, target: UInt8Array, entry: int) -> None:
    """Writes an entry as the other player sees it."""
    turn_board(source, first, target, entry)
    turn_hands(source, first + OWN_HAND, first + OTHER_HAND, target, entry)
    target[entry + REPETITION] = source[first + REPETITION]


@stage
def turn_position(
    boards: UInt8Array, hands: UInt8Array, repetition: UInt8Array, row: int, target: UInt8Array, entry: int
) -> None:
    """Writes a position into an entry as the other player sees it."""
    turn_board(boards, row * unsigned(NUM_SQUARES), target, entry)
    hand = row * unsigned(2 * NUM_HAND_KINDS)
    turn_hands(hands, hand, hand + unsigned(NUM_HAND_KINDS), target, entry)
    target[entry + REPETITION] = repetition[row]


@stage
def copy_bytes(source: UInt8Array, first: int, target: UInt8Array, start: int, count: int) -> None:
    """Copies `count` bytes."""
    for offset in range(unsigned(count)):
        target[start + offset] = source[first + offset]


@stage
def copy_position(
    boards: UInt8Array, hands: UInt8Array, repetition: UInt8Array, row: int, target: UInt8Array, entry: int
) -> None:
    """Writes a position into an entry as it is."""
    copy_bytes(boards, row * unsigned(NUM_SQUARES), target, entry, NUM_SQUARES)
    copy_bytes(hands, row * unsigned(2 * NUM_HAND_KINDS), target, entry + OWN_HAND, 2 * NUM_HAND_KINDS)
    target[entry + REPETITION] = repetition[row]


@inner
def remember(history: UInt8Array, boards: UInt8Array, hands: UInt8Array, repetition: UInt8Array, row: int) -> None:
    """Puts a position that a move is about to be played in before those before it, all in the next mover's view.

    Args:
        history: uint8 [N * H * 96], H at least 1.
        boards: uint8 [N * 81].
        hands: uint8 [N * 14].
        repetition: uint8 [N].
        row: which of the N positions.
    """
    num_earlier = unsigned(len(history) // (len(repetition) * EARLIER_BYTES))
    first = unsigned(row) * num_earlier * ENTRY
    entry = first + (num_earlier - unsigned(1)) * ENTRY
    while entry > first:
        turn_entry(history, entry - ENTRY, history, entry)
        entry -= ENTRY
    turn_position(boards, hands, repetition, unsigned(row), history, first)


@inner
def forget(history: UInt8Array, row: int, num_positions: int) -> None:
    """Leaves one of N positions without earlier ones: it begins a game."""
    width = unsigned(len(history) // num_positions)
    for offset in range(width):
        history[unsigned(row) * width + offset] = 0


@inner
def copy_history(source: UInt8Array, target: UInt8Array, row: int, num_positions: int) -> None:
    """Copies the earlier positions of one of N positions to the same row of as many others."""
    width = len(source) // num_positions
    first = unsigned(row) * unsigned(width)
    copy_bytes(source, first, target, first, width)


@kernel
def rebuild_histories(
    boards: UInt8Array,
    hands: UInt8Array,
    repetition: UInt8Array,
    pasts: UInt8Array,
    games: Int64Array,
    plies: Int64Array,
    rows: Int64Array,
    num_at_once: int,
    history: UInt8Array,
) -> None:
    """Writes the earlier positions of stored plies: those of the same game that are stored, then its past before them.

    Args:
        boards, hands, repetition: of N stored positions, flat; the ply before that of row r is row r - `num_at_once`.
        pasts: uint8 [G * H * 96], H at least 1, the earlier positions of each game's first stored ply.
        games: int64 [N], which of the G games a row belongs to.
        plies: int64 [N], how many plies of its game are stored before a row.
        rows: int64 [R], of which rows.
        num_at_once: games side by side in the store.
        history: uint8 [R * H * 96], overwritten.
    """
    num_earlier = len(history) // (len(rows) * EARLIER_BYTES) if len(rows) else 0
    entry = unsigned(0)
    for row in rows:
        num_before = signed(plies[row])
        for back in range(1, num_earlier + 1):
            if back <= num_before:
                before = unsigned(row - back * num_at_once)
                if back & 1:
                    turn_position(boards, hands, repetition, before, history, entry)
                else:
                    copy_position(boards, hands, repetition, before, history, entry)
            else:
                past = unsigned(games[row] * num_earlier + back - num_before - 1) * ENTRY
                if num_before & 1:
                    turn_entry(pasts, past, history, entry)
                else:
                    copy_bytes(pasts, past, history, entry, EARLIER_BYTES)
            entry += ENTRY
