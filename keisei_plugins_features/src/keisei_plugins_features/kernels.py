"""Writes planes at the speed of memory.

Shape key: N positions, P planes of one plugin, 81 squares. Every function gets `memory`, uint8, in which plane p of
position i begins at `i * row_stride + p * 81` (see `keisei_core.observe.flat_planes`), and `notes`, uint8, in which
what is known of position i's planes begins at `i * notes_stride`; a note of 0 says that nothing is. Each is called
for ranges of positions, by several threads at once.

Why the loops look as they do: the compiler vectorises loops over flat memory with unsigned indices, and makes two wide
stores of a plane filled with one value. Filling runs of equal planes at once is no faster: how long they are depends
on the hands, which the processor can't foresee. A plane that is compared with the board is written as 96 bytes, for a
loop takes whole vectors of 32; the last 15 bytes fall into the next plane, which is written next. What is noted to
stand there is not written again: planes of hands rarely change, and memory is what writing waits for.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi.compile import inner, kernel, signed, stage, trailing_zeros, unsigned
from keisei_core.shogi.positions import (
    EARLIER_HANDS,
    EARLIER_REPETITION,
    NO_SQUARE,
    NUM_HAND_KINDS,
    NUM_SQUARES,
    OPPONENT,
    UInt8Array,
)
from keisei_core.shogi.rules.tasks import bind, room
from keisei_core.shogi.tables import NUM_LINES, OUTSIDE, PATH, PATHS

WIDE: Final = 96
TWO_SIDES: Final = 2 * WIDE
PLANE: Final = np.uint64(81)
ONE: Final = unsigned(1)
ONE_BYTE: Final = np.uint8(1)
LARGEST: Final = 255
KINDS: Final = np.uint64(28)
"""Kinds of pieces on the board, own and the opponent's."""
MOST_COUNTED: Final = np.uint64(3)
"""A fourth attacker of a square looks like the third."""
THERMOMETER: Final = unsigned((1 << 56) - 1)
"""The 56 planes of both hands as bits."""
KNOWN: Final = unsigned(1 << 63)
"""A bit beside them that is never missing, so that the note of what is shown is never 0."""
WORD_BYTES: Final = unsigned(8)
BYTE: Final = unsigned(8)
EMPTY: Final = np.uint8(255)
"""Note of a plane without its single one."""


@stage
def _fill(memory: UInt8Array, start: np.uint64, value: np.uint8) -> None:
    for offset in range(PLANE):
        memory[start + offset] = value


@stage
def _fill_anew(memory: UInt8Array, start: np.uint64, value: np.uint8, notes: UInt8Array, note: int) -> None:
    """Fills a plane unless a note says that it is; 255 can't be noted."""
    known = np.uint8(value + ONE_BYTE)
    if known == 0 or notes[note] != known:
        _fill(memory, start, value)
        notes[note] = known


@inner
def encode_core46(
    low: int,
    high: int,
    board: UInt8Array,
    hands: UInt8Array,
    side_to_move: UInt8Array,
    ply: NDArray[np.uint16],
    max_plies: int,
    piece_codes: UInt8Array,
    hand_kinds: UInt8Array,
    memory: UInt8Array,
    row_stride: int,
    notes: UInt8Array,
    notes_stride: int,
) -> None:
    """Writes the 46 planes of core46.

    Args:
        low, high: positions `low` to `high - 1`.
        board: uint8 [N, 81], piece codes.
        hands: uint8 [N, 2, 7], counts.
        side_to_move: uint8 [N], 0 Black, 1 White.
        ply: uint16 [N], plies since the start.
        max_plies: plies at which the ply plane reaches 255.
        piece_codes: uint8 [28], the code each of the first planes shows.
        hand_kinds: uint8 [7], column of `hands` that each plane of a hand shows.
        memory: uint8, overwritten.
        row_stride: bytes from one position to the next.
        notes: uint8 [N * notes_stride or more], changed.
        notes_stride: from one position to the next.
    """
    squares = room(WIDE)
    for position in range(unsigned(low), unsigned(high)):
        start = position * np.uint64(row_stride)
        for square in range(PLANE):
            squares[square] = board[position, square]
        for plane in range(KINDS - ONE):
            code = piece_codes[plane]
            for square in range(np.uint64(WIDE)):
                memory[start + square] = squares[square] == code
            start += PLANE
        for square in range(PLANE):
            memory[start + square] = squares[square] == piece_codes[KINDS - ONE]
        note = position * unsigned(notes_stride)
        for side in range(np.uint64(2)):
            for kind in hand_kinds:
                start += PLANE
                _fill_anew(memory, start, hands[position, side, unsigned(kind)], notes, note)
                note += ONE
        progress = min(np.int64(LARGEST), np.int64(ply[position]) * LARGEST // max_plies)
        for value in (np.uint8(1 - side_to_move[position]), np.uint8(progress), np.uint8(1), np.uint8(0)):
            start += PLANE
            _fill_anew(memory, start, value, notes, note)
            note += ONE


@kernel
def bind_core46(
    place: UInt8Array,
    board: UInt8Array,
    hands: UInt8Array,
    side_to_move: UInt8Array,
    ply: NDArray[np.uint16],
    max_plies: int,
    piece_codes: UInt8Array,
    hand_kinds: UInt8Array,
    memory: UInt8Array,
    row_stride: int,
    notes: UInt8Array,
    notes_stride: int,
) -> int:
    """Makes a task of `encode_core46`, see `keisei_core.shogi.rules.tasks.bind`."""
    return bind(
        place,
        encode_core46,
        (board, hands, side_to_move, ply, max_plies, piece_codes, hand_kinds, memory, row_stride, notes, notes_stride),
    )


@inner
def encode_history(
    low: int,
    high: int,
    history: UInt8Array,
    piece_codes: UInt8Array,
    hand_kinds: UInt8Array,
    memory: UInt8Array,
    row_stride: int,
) -> None:
    """Writes 44 planes of each earlier position.

    Args:
        low, high: positions `low` to `high - 1`.
        history: uint8 [N, H, 96], see `Positions.history`; a board has room behind it for a whole row of 96.
        piece_codes: uint8 [28], the code each of the first planes shows.
        hand_kinds: uint8 [7], kind in hand that each plane of a hand shows.
        memory: uint8, overwritten.
        row_stride: bytes from one position to the next.
    """
    for position in range(unsigned(low), unsigned(high)):
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
def bind_history(
    place: UInt8Array,
    history: UInt8Array,
    piece_codes: UInt8Array,
    hand_kinds: UInt8Array,
    memory: UInt8Array,
    row_stride: int,
) -> int:
    """Makes a task of `encode_history`, see `keisei_core.shogi.rules.tasks.bind`."""
    return bind(place, encode_history, (history, piece_codes, hand_kinds, memory, row_stride))


@inner
def encode_looked_up(
    low: int,
    high: int,
    values: UInt8Array,
    table: UInt8Array,
    memory: UInt8Array,
    row_stride: int,
    notes: UInt8Array,
    notes_stride: int,
) -> None:
    """Fills each plane with what a table says for a position's value.

    Args:
        low, high: positions `low` to `high - 1`.
        values: uint8 [N]; a value beyond the table counts as the last one in it.
        table: uint8 [values, P], what each plane is filled with.
        memory: uint8, overwritten.
        row_stride: bytes from one position to the next.
        notes: uint8 [N * notes_stride or more], changed.
        notes_stride: from one position to the next.
    """
    for position in range(unsigned(low), unsigned(high)):
        start = position * np.uint64(row_stride)
        note = position * unsigned(notes_stride)
        value = min(signed(values[position]), len(table) - 1)
        if signed(notes[note]) != value + 1:
            notes[note] = value + 1
            for plane in range(table.shape[1]):
                _fill(memory, start, table[value, plane])
                start += PLANE


@kernel
def bind_looked_up(
    place: UInt8Array,
    values: UInt8Array,
    table: UInt8Array,
    memory: UInt8Array,
    row_stride: int,
    notes: UInt8Array,
    notes_stride: int,
) -> int:
    """Makes a task of `encode_looked_up`, see `keisei_core.shogi.rules.tasks.bind`."""
    return bind(place, encode_looked_up, (values, table, memory, row_stride, notes, notes_stride))


@inner
def encode_pattern(
    low: int, high: int, pattern: UInt8Array, memory: UInt8Array, row_stride: int, notes: UInt8Array, notes_stride: int
) -> None:
    """Writes the same plane for every position.

    Args:
        low, high: positions `low` to `high - 1`.
        pattern: uint8 [81], the plane.
        memory: uint8, overwritten.
        row_stride: bytes from one position to the next.
        notes: uint8 [N * notes_stride or more], changed.
        notes_stride: from one position to the next.
    """
    for position in range(unsigned(low), unsigned(high)):
        start = position * np.uint64(row_stride)
        note = position * unsigned(notes_stride)
        if notes[note] == 0:
            notes[note] = 1
            for square in range(PLANE):
                memory[start + square] = pattern[square]


@kernel
def bind_pattern(
    place: UInt8Array, pattern: UInt8Array, memory: UInt8Array, row_stride: int, notes: UInt8Array, notes_stride: int
) -> int:
    """Makes a task of `encode_pattern`, see `keisei_core.shogi.rules.tasks.bind`."""
    return bind(place, encode_pattern, (pattern, memory, row_stride, notes, notes_stride))


@inner
def encode_last_moves(
    low: int,
    high: int,
    last_moves: UInt8Array,
    memory: UInt8Array,
    row_stride: int,
    notes: UInt8Array,
    notes_stride: int,
) -> None:
    """Marks origin and destination of the last two moves, one plane each.

    Args:
        low, high: positions `low` to `high - 1`.
        last_moves: uint8 [N, 2, 2], squares; `NO_SQUARE` leaves its plane empty.
        memory: uint8, overwritten.
        row_stride: bytes from one position to the next.
        notes: uint8 [N * notes_stride or more], changed.
        notes_stride: from one position to the next.
    """
    for position in range(unsigned(low), unsigned(high)):
        start = position * np.uint64(row_stride)
        note = position * unsigned(notes_stride)
        for move in range(2):
            for end in range(2):
                known, square = notes[note], last_moves[position, move, end]
                if known == 0:
                    _fill(memory, start, np.uint8(0))
                elif known != EMPTY:
                    memory[start + unsigned(known) - ONE] = 0
                notes[note] = EMPTY if square == NO_SQUARE else square + ONE_BYTE
                if square != NO_SQUARE:
                    memory[start + unsigned(square)] = 1
                start += PLANE
                note += ONE


@kernel
def bind_last_moves(
    place: UInt8Array, last_moves: UInt8Array, memory: UInt8Array, row_stride: int, notes: UInt8Array, notes_stride: int
) -> int:
    """Makes a task of `encode_last_moves`, see `keisei_core.shogi.rules.tasks.bind`."""
    return bind(place, encode_last_moves, (last_moves, memory, row_stride, notes, notes_stride))


@stage
def _read_word(notes: UInt8Array, note: int) -> int:
    """Reads eight notes as one word; the compiler makes one load of it."""
    word = unsigned(0)
    for byte in range(WORD_BYTES):
        word |= unsigned(notes[note + byte]) << (byte * BYTE)
    return word


@stage
def _write_word(notes: UInt8Array, note: int, word: int) -> None:
    """Writes eight notes."""
    for byte in range(WORD_BYTES):
        notes[note + byte] = np.uint8(word >> (byte * BYTE))


@inner
def encode_thermometer(
    low: int,
    high: int,
    hands: UInt8Array,
    filled: NDArray[np.uint64],
    memory: UInt8Array,
    row_stride: int,
    notes: UInt8Array,
    notes_stride: int,
) -> None:
    """Counts both hands out: each plane is filled where a hand holds at least so many pieces of its kind.

    Args:
        low, high: positions `low` to `high - 1`.
        hands: uint8 [N, 2, 7], counts.
        filled: uint64 [2, 7, 19], for each count the set of planes, as bits, that it fills; `KNOWN` in all.
        memory: uint8, overwritten.
        row_stride: bytes from one position to the next.
        notes: uint8 [N * notes_stride or more], changed.
        notes_stride: from one position to the next.
    """
    for position in range(unsigned(low), unsigned(high)):
        start, note = position * unsigned(row_stride), position * unsigned(notes_stride)
        shown, wanted = _read_word(notes, note), unsigned(0)
        for side in range(unsigned(2)):
            for kind in range(unsigned(NUM_HAND_KINDS)):
                wanted |= filled[side, kind, unsigned(hands[position, side, kind])]
        _write_word(notes, note, wanted)
        rest = (wanted ^ shown if shown else THERMOMETER) & THERMOMETER
        while rest:
            plane = unsigned(trailing_zeros(rest))
            _fill(memory, start + plane * PLANE, np.uint8(wanted >> plane & ONE))
            rest &= rest - ONE


@kernel
def bind_thermometer(
    place: UInt8Array,
    hands: UInt8Array,
    filled: NDArray[np.uint64],
    memory: UInt8Array,
    row_stride: int,
    notes: UInt8Array,
    notes_stride: int,
) -> int:
    """Makes a task of `encode_thermometer`, see `keisei_core.shogi.rules.tasks.bind`."""
    return bind(place, encode_thermometer, (hands, filled, memory, row_stride, notes, notes_stride))


@stage
def _list_pieces(board: UInt8Array, squares: UInt8Array) -> int:
    """Lists the squares that are not empty, without a branch for each of the 81; returns how many they are."""
    num_pieces = signed(0)
    for square in range(PLANE):
        squares[num_pieces] = square
        num_pieces += signed(board[square] != 0)
    return num_pieces


@stage
def _mark_path(
    board: UInt8Array, path: int, memory: UInt8Array, plane: np.uint64, attackers: UInt8Array, first: int
) -> None:
    """Marks and counts the squares of a path up to the first piece on it, that piece's own included."""
    for place in range(path, path + PATH):
        square = unsigned(PATHS[place])
        if square == OUTSIDE:
            break
        memory[plane + square] = 1
        attackers[first + square] += 1
        if board[square]:
            break


@inner
def encode_attacks(
    low: int,
    high: int,
    board: UInt8Array,
    planes: NDArray[np.uint64],
    steps: UInt8Array,
    slides: NDArray[np.int64],
    memory: UInt8Array,
    row_stride: int,
) -> None:
    """Marks which squares each kind of piece attacks, and which a side attacks once, twice, three times.

    The 96 bytes of a row reach into the next plane, where they change nothing; behind each kind there is one.

    Args:
        low, high: positions `low` to `high - 1`.
        board: uint8 [N, 81], piece codes.
        planes: uint64 [29], which of the first 28 planes shows what a piece code attacks.
        steps: uint8 [29, 81, 96], 1 on the squares that a piece of a code on a square attacks by a step or jump.
        slides: int64 [29], lines along which a piece of a code slides.
        memory: uint8, overwritten.
        row_stride: bytes from one position to the next.
    """
    squares, attackers = room(NUM_SQUARES), room(TWO_SIDES)
    for position in range(unsigned(low), unsigned(high)):
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
                attackers[side * unsigned(WIDE) + square] += steps[code, origin, square]
            lines = slides[code]
            while lines:
                path = (signed(origin) * NUM_LINES + trailing_zeros(lines)) * PATH
                _mark_path(board[position], path, memory, plane, attackers, side * unsigned(WIDE))
                lines &= lines - 1
        start += KINDS * PLANE
        for side in range(np.uint64(2)):
            for fewer in range(MOST_COUNTED):
                for square in range(PLANE):
                    memory[start + square] = attackers[side * unsigned(WIDE) + square] > fewer
                start += PLANE


@kernel
def bind_attacks(
    place: UInt8Array,
    board: UInt8Array,
    planes: NDArray[np.uint64],
    steps: UInt8Array,
    slides: NDArray[np.int64],
    memory: UInt8Array,
    row_stride: int,
) -> int:
    """Makes a task of `encode_attacks`, see `keisei_core.shogi.rules.tasks.bind`."""
    return bind(place, encode_attacks, (board, planes, steps, slides, memory, row_stride))
