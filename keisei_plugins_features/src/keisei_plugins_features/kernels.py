"""Writes planes at the speed of memory.

Shape key: N positions, P planes of one plugin, 81 squares. Every kernel gets `memory`, uint8, in which plane p of
position i begins at `i * row_stride + p * 81` (see `keisei_core.observe.flat_planes`).

Why the loops look as they do: the compiler vectorises loops over flat memory with unsigned indices, and makes two wide
stores of a plane filled with one value. Filling runs of equal planes at once is no faster: how long they are depends
on the hands, which the processor can't foresee. A plane that is compared with the board is written as 96 bytes, for a
loop takes whole vectors of 32; the last 15 bytes fall into the next plane, which is written next.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi.compile import kernel, signed, stage, trailing_zeros, unsigned
from keisei_core.shogi.positions import (
    EARLIER_HANDS,
    EARLIER_REPETITION,
    NO_SQUARE,
    NUM_HAND_KINDS,
    OPPONENT,
    UInt8Array,
)
from keisei_core.shogi.tables import NUM_LINES, OUTSIDE, PATH, PATHS

WIDE: Final = 96
PLANE: Final = np.uint64(81)
ONE: Final = np.uint64(1)
LARGEST: Final = 255
KINDS: Final = np.uint64(28)
"""Kinds of pieces on the board, own and the opponent's."""
MOST_COUNTED: Final = np.uint64(3)
"""A fourth attacker of a square looks like the third."""


@stage
def _fill(memory: UInt8Array, start: np.uint64, value: np.uint8) -> None:
    for offset in range(PLANE):
        memory[start + offset] = value


@stage
def _fill_two(memory: UInt8Array, start: np.uint64, first: np.uint8, second: np.uint8) -> None:
    """Fills two planes with three stores of 64 bytes; one by one they would take four."""
    for offset in range(np.uint64(128)):
        memory[start + offset] = first if offset < PLANE else second
    for offset in range(np.uint64(2 * 81 - 64), np.uint64(2 * 81)):
        memory[start + offset] = second


@kernel
def encode_core46(
    board: UInt8Array,
    hands: UInt8Array,
    side_to_move: UInt8Array,
    ply: NDArray[np.uint16],
    max_plies: int,
    piece_codes: UInt8Array,
    hand_kinds: UInt8Array,
    squares: UInt8Array,
    memory: UInt8Array,
    row_stride: int,
) -> None:
    """Writes the 46 planes of core46.

    Args:
        board: uint8 [N, 81], piece codes.
        hands: uint8 [N, 2, 7], counts.
        side_to_move: uint8 [N], 0 Black, 1 White.
        ply: uint16 [N], plies since the start.
        max_plies: plies at which the ply plane reaches 255.
        piece_codes: uint8 [28], the code each of the first planes shows.
        hand_kinds: uint8 [7], column of `hands` that each plane of a hand shows.
        squares: uint8 [96], room for one board, padded.
        memory: uint8, overwritten.
        row_stride: bytes from one position to the next.
    """
    for position in range(np.uint64(len(board))):
        start = position * np.uint64(row_stride)
        for square in range(PLANE):
            squares[square] = board[position, square]
        for plane in range(np.uint64(len(piece_codes))):
            code = piece_codes[plane]
            for square in range(np.uint64(WIDE)):
                memory[start + square] = squares[square] == code
            start += PLANE
        for side in range(np.uint64(2)):
            for plane in range(np.uint64(len(hand_kinds))):
                _fill(memory, start, hands[position, side, hand_kinds[plane]])
                start += PLANE
        _fill(memory, start, np.uint8(1 - side_to_move[position]))
        progress = min(np.int64(LARGEST), np.int64(ply[position]) * LARGEST // max_plies)
        _fill(memory, start + PLANE, np.uint8(progress))
        _fill(memory, start + np.uint64(2) * PLANE, np.uint8(1))
        _fill(memory, start + np.uint64(3) * PLANE, np.uint8(0))


@kernel
def encode_history(
    history: UInt8Array, piece_codes: UInt8Array, hand_kinds: UInt8Array, memory: UInt8Array, row_stride: int
) -> None:
    """Writes 44 planes of each earlier position.

    Args:
        history: uint8 [N, H, 96], see `Positions.history`; a board has room behind it for a whole row of 96.
        piece_codes: uint8 [28], the code each of the first planes shows.
        hand_kinds: uint8 [7], kind in hand that each plane of a hand shows.
        memory: uint8, overwritten.
        row_stride: bytes from one position to the next.
    """
    for position in range(np.uint64(len(history))):
        start = position * np.uint64(row_stride)
        for back in range(history.shape[1]):
            entry = history[position, back]
            for plane in range(np.uint64(len(piece_codes))):
                code = piece_codes[plane]
                for square in range(np.uint64(WIDE)):
                    memory[start + square] = entry[square] == code
                start += PLANE
            for hand in range(EARLIER_HANDS, EARLIER_REPETITION, NUM_HAND_KINDS):
                for plane in range(np.uint64(len(hand_kinds))):
                    _fill(memory, start, entry[hand + signed(hand_kinds[plane])])
                    start += PLANE
            times = entry[EARLIER_REPETITION]
            _fill(memory, start, np.uint8(times == 1))
            _fill(memory, start + PLANE, np.uint8(times >= 2))
            start += PLANE + PLANE


@kernel
def encode_looked_up(values: UInt8Array, table: UInt8Array, memory: UInt8Array, row_stride: int) -> None:
    """Fills each plane with what a table says for a position's value.

    Args:
        values: uint8 [N]; a value beyond the table counts as the last one in it.
        table: uint8 [values, P], what each plane is filled with.
        memory: uint8, overwritten.
        row_stride: bytes from one position to the next.
    """
    for position in range(np.uint64(len(values))):
        start = position * np.uint64(row_stride)
        value = min(signed(values[position]), len(table) - 1)
        for plane in range(table.shape[1]):
            _fill(memory, start, table[value, plane])
            start += PLANE


@kernel
def encode_pattern(num_positions: int, pattern: UInt8Array, memory: UInt8Array, row_stride: int) -> None:
    """Writes the same plane for every position.

    Args:
        num_positions: N.
        pattern: uint8 [81], the plane.
        memory: uint8, overwritten.
        row_stride: bytes from one position to the next.
    """
    for position in range(np.uint64(num_positions)):
        start = position * np.uint64(row_stride)
        for square in range(PLANE):
            memory[start + square] = pattern[square]


@kernel
def encode_last_moves(last_moves: UInt8Array, memory: UInt8Array, row_stride: int) -> None:
    """Marks origin and destination of the last two moves, one plane each.

    Args:
        last_moves: uint8 [N, 2, 2], squares; `NO_SQUARE` leaves its plane empty.
        memory: uint8, overwritten.
        row_stride: bytes from one position to the next.
    """
    for position in range(np.uint64(len(last_moves))):
        start = position * np.uint64(row_stride)
        for move in range(2):
            for end in range(2):
                _fill(memory, start, np.uint8(0))
                square = last_moves[position, move, end]
                if square != NO_SQUARE:
                    memory[start + np.uint64(square)] = 1
                start += PLANE


@kernel
def encode_thermometer(
    hands: UInt8Array, kinds: UInt8Array, levels: UInt8Array, memory: UInt8Array, row_stride: int
) -> None:
    """Counts both hands out: each plane is filled where a hand holds at least so many pieces of its kind.

    Args:
        hands: uint8 [N, 2, 7], counts.
        kinds: uint8 [P / 2], column of `hands` that each plane of one side shows; an even number of them.
        levels: uint8 [P / 2], pieces from which on it is filled.
        memory: uint8, overwritten.
        row_stride: bytes from one position to the next.
    """
    for position in range(np.uint64(len(hands))):
        start = position * np.uint64(row_stride)
        for side in range(np.uint64(2)):
            for plane in range(np.uint64(0), np.uint64(len(kinds)), np.uint64(2)):
                first = hands[position, side, kinds[plane]] >= levels[plane]
                second = hands[position, side, kinds[plane + ONE]] >= levels[plane + ONE]
                _fill_two(memory, start, np.uint8(first), np.uint8(second))
                start += PLANE + PLANE


@stage
def _list_pieces(board: UInt8Array, squares: UInt8Array) -> int:
    """Lists the squares that are not empty, without a branch for each of the 81; returns how many they are."""
    num_pieces = signed(0)
    for square in range(PLANE):
        squares[num_pieces] = square
        num_pieces += signed(board[square] != 0)
    return num_pieces


@stage
def _mark_path(board: UInt8Array, path: int, memory: UInt8Array, plane: np.uint64, attackers: UInt8Array) -> None:
    """Marks and counts the squares of a path up to the first piece on it, that piece's own included."""
    for place in range(path, path + PATH):
        square = unsigned(PATHS[place])
        if square == OUTSIDE:
            break
        memory[plane + square] = 1
        attackers[square] += 1
        if board[square]:
            break


@kernel
def encode_attacks(
    board: UInt8Array,
    planes: NDArray[np.uint64],
    steps: UInt8Array,
    slides: NDArray[np.int64],
    attackers: UInt8Array,
    squares: UInt8Array,
    memory: UInt8Array,
    row_stride: int,
) -> None:
    """Marks which squares each kind of piece attacks, and which a side attacks once, twice, three times.

    The 96 bytes of a row reach into the next plane, where they change nothing; behind each kind there is one.

    Args:
        board: uint8 [N, 81], piece codes.
        planes: uint64 [29], which of the first 28 planes shows what a piece code attacks.
        steps: uint8 [29, 81, 96], 1 on the squares that a piece of a code on a square attacks by a step or jump.
        slides: int64 [29], lines along which a piece of a code slides.
        attackers: uint8 [2, 96], room to count each side's attackers of a square, padded.
        squares: uint8 [81], room for the list of pieces.
        memory: uint8, overwritten.
        row_stride: bytes from one position to the next.
    """
    for position in range(np.uint64(len(board))):
        start = position * np.uint64(row_stride)
        for offset in range(KINDS * PLANE):
            memory[start + offset] = 0
        attackers[:] = 0
        for index in range(_list_pieces(board[position], squares)):
            origin = unsigned(squares[index])
            code = unsigned(board[position, origin])
            plane = start + planes[code] * PLANE
            side = unsigned(code > OPPONENT)
            for square in range(np.uint64(WIDE)):
                memory[plane + square] |= steps[code, origin, square]
                attackers[side, square] += steps[code, origin, square]
            lines = slides[code]
            while lines:
                path = (signed(origin) * NUM_LINES + trailing_zeros(lines)) * PATH
                _mark_path(board[position], path, memory, plane, attackers[side])
                lines &= lines - 1
        start += KINDS * PLANE
        for side in range(np.uint64(2)):
            for fewer in range(MOST_COUNTED):
                for square in range(PLANE):
                    memory[start + square] = attackers[side, square] > fewer
                start += PLANE
