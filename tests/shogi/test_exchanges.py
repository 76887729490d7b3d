"""What moves come to once hanging pieces are taken, against plain Python over rsshogi's boards."""

from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from rsshogi.core import Board, Move

from keisei_core.shogi import (
    Games,
    Positions,
    Starts,
    action_to_usi,
    exchange_values,
    format_sfen,
    legal_mask,
    parse_sfen,
    usi_to_action,
)
from keisei_core.shogi.material import PIECE_VALUES, material
from keisei_core.shogi.positions import OPPONENT
from keisei_core.shogi.tables import DELTA, KING, KNIGHT, OPPOSITE, PROMOTED, RAY_LENGTH, SLIDES, STEPS

BUSY = (
    # Pieces that look at each other along lines, pins, and much in hand.
    "4k4/1r7/9/9/9/9/1P7/1G7/8K b L 1",
    "l2g1k1nl/1r1sg1sb1/p1nppp1pp/2p3p2/1p5P1/2P1P4/PPSPSPP1P/2G1G1R2/LN2K2NL b B 1",
    "3k5/3P5/2+B1R4/9/4r4/9/4p4/5p3/4K4 w GSNL2g2s 1",
    "k2r5/3l5/3p5/3s1b3/3PS4/3L1N3/3R2B2/3L5/4K4 b GSgs 1",
)
WORTH = [0] + [PIECE_VALUES[k] + PIECE_VALUES[k if k <= KING else k - PROMOTED] for k in range(1, OPPONENT + 1)]
"""What taking a piece is worth, by kind: it is lost where it stood, and gained in hand."""


def directions_of(kind: int) -> Iterator[tuple[int, bool]]:
    """Yields the directions in which the mover's piece goes, and whether it slides there."""
    if kind == KNIGHT:
        yield from ((8, False), (9, False))
    for line in range(8):
        if SLIDES.get(kind, 0) >> line & 1 or STEPS.get(kind, 0) >> line & 1:
            yield line, bool(SLIDES.get(kind, 0) >> line & 1)


@cache
def squares_before(origin: int, square: int, direction: int, slides: bool) -> list[int] | None:
    """Returns the squares between two, None where the direction does not lead from one to the other."""
    length = int(RAY_LENGTH[origin, direction])
    way = [origin + step * int(DELTA[direction]) for step in range(1, (length if slides else min(length, 1)) + 1)]
    return way[: way.index(square)] if square in way else None


def takers(board: list[int], square: int) -> Iterator[tuple[int, int]]:
    """Yields where the mover's pieces stand that attack a square, pinned or not, and in which direction."""
    for origin, kind in enumerate(board):
        if 0 < kind <= OPPONENT:
            for direction, slides in directions_of(kind):
                between = squares_before(origin, square, direction, slides)
                if between is not None and not any(board[passed] for passed in between):
                    yield origin, direction


def turned(board: list[int]) -> list[int]:
    return [code and (code - OPPONENT if code > OPPONENT else code + OPPONENT) for code in board[::-1]]


def opens_king(board: list[int], origin: int, square: int) -> bool:
    """Tells whether a piece is pinned: whether its king, attacked or not, is attacked by one more without it."""
    if KING not in board or board[origin] == KING:
        return False
    home = 80 - board.index(KING)
    without = [*board]
    without[square], without[origin] = without[origin], 0
    before = {origin for origin, _ in takers(turned(board), home)}
    return bool({origin for origin, _ in takers(turned(without), home)} - before)


def may_promote(board: list[int], origin: int, square: int) -> bool:
    return board[origin] in range(1, 7) and min(origin % 9, square % 9) < 3


def least(board: list[int], origins: list[int], square: int, is_turned: bool) -> int:
    """Returns the least valuable of the mover's pieces that may go to a square; of equals the first by direction."""
    ways = dict(takers(board, square))

    def order(origin: int) -> tuple[int, int]:
        way = ways[origin]
        place = way if way >= 8 or is_turned else OPPOSITE[way]
        return (10**6 if board[origin] == KING else WORTH[board[origin]]), place

    return min(origins, key=order)


def taken(board: list[int], origin: int, square: int) -> tuple[list[int], int]:
    """Takes on a square, promoting if it can; returns the board, the other side's view, and what it won."""
    after, kind = [*board], board[origin]
    won = WORTH[board[square] - OPPONENT] if board[square] else 0
    if may_promote(board, origin, square):
        won += PIECE_VALUES[kind + PROMOTED] - PIECE_VALUES[kind]
        kind += PROMOTED
    after[origin], after[square] = 0, kind
    return turned(after), won


def swapped(board: list[int], square: int, is_turned: bool) -> int:
    """Returns what the mover wins who may take first on a square, always with the least it has."""
    origins = [origin for origin, _ in takers(board, square) if not opens_king(board, origin, square)]
    if not origins:
        return 0
    origin = least(board, origins, square, is_turned)
    if board[origin] == KING and any(takers(turned(board), 80 - square)):
        return 0
    after, won = taken(board, origin, square)
    return max(0, won - swapped(after, 80 - square, not is_turned))


def board_of(board: Board) -> list[int]:
    return parse_sfen(board.to_sfen()).board[0].tolist()


def square_of(name: str, is_black: bool) -> int:
    square = (int(name[0]) - 1) * 9 + "abcdefghi".index(name[1])
    return square if is_black else 80 - square


def takes_of(board: Board) -> Iterator[tuple[Move, int, int]]:
    """Yields the captures by the least piece that may, and all promotions: move, origin, square."""
    codes, is_black = board_of(board), board.to_sfen().split()[1] == "b"
    legal = [(move, move.to_usi()) for move in board.legal_moves()]
    steps = [
        (move, usi, *(square_of(usi[at : at + 2], is_black) for at in (0, 2))) for move, usi in legal if usi[1] != "*"
    ]
    for move, usi, origin, square in steps:
        others = [other for _, _, other, target in steps if target == square]
        if usi.endswith("+") or (
            codes[square] and not may_promote(codes, origin, square) and origin == least(codes, others, square, False)
        ):
            yield move, origin, square


def ends_of(board: Board) -> list[tuple[Move, int, int]]:
    """Returns captures and promotions, what each wins on the spot and what in the end."""
    codes, found = board_of(board), []
    for move, origin, square in takes_of(board):
        after, won = taken(codes, origin, square)
        found.append((move, won, won - swapped(after, 80 - square, True)))
    return found


def balance(board: Board) -> int:
    return int(material(parse_sfen(board.to_sfen()))[0])


def slow_value(board: Board, move: Move) -> int:
    """Plays a move, every capture and promotion in reply, and asks what can be won in return."""
    before, lost = balance(board), 0
    board.apply_move(move)
    won = -balance(board) - before
    for reply, gain, in_the_end in ends_of(board):
        if in_the_end > lost:
            board.apply_move(reply)
            lost = max(lost, gain - max([0, *(end for _, _, end in ends_of(board))]))
            board.undo_move(reply)
    board.undo_move(move)
    return won - lost


def positions_of_games(num_games: int, num_plies: int, every: int) -> Iterator[Positions]:
    for starts in (Starts.standard(), Starts.from_sfens(BUSY)):
        games = Games(num_games, starts=starts, seed=4)
        for ply in range(num_plies):
            if ply % every == 0:
                yield games.positions[np.arange(num_games)]
            games.step(games.sample())


def test_exchange_is_what_plain_python_finds() -> None:
    num_moves = num_losing = num_won = 0
    for positions in positions_of_games(num_games=8, num_plies=100, every=4):
        values = exchange_values(positions, legal_mask(positions), PIECE_VALUES)
        assert (values[legal_mask(positions) == 0] == 0).all()
        for row in range(len(positions)):
            board = Board(format_sfen(positions, row))
            for move in list(board.legal_moves())[row::18]:
                action = usi_to_action(positions, move.to_usi(), row)
                expected = slow_value(board, move)
                assert values[row, action] == expected, (format_sfen(positions, row), move.to_usi())
                num_moves += 1
                num_losing += expected < 0
                num_won += expected > 0
    assert num_moves > 1000
    assert num_losing > 200
    assert num_won > 50


def test_a_defended_pawn_does_not_hang() -> None:
    position = parse_sfen(BUSY[0])
    legal = legal_mask(position)
    values = exchange_values(position, legal, PIECE_VALUES)
    # All but eight of 77 moves lose nothing: those that leave the pawn alone, and lances given away.
    quiet = {action_to_usi(position, int(action)) for action in np.flatnonzero((legal[0] == 1) & (values[0] == 0))}
    assert len(quiet) > 55
    assert {"1i1h", "L*5e", "8h9h"} <= quiet


@pytest.mark.parametrize(
    ("sfen", "move", "value"),
    [
        pytest.param("4k4/9/9/1r7/1p7/9/1L7/9/4K4 b - 1", "8g8e", -4, id="a-lance-for-a-defended-pawn"),
        pytest.param("4k4/9/9/1r7/1p7/9/1L7/1R7/4K4 b - 1", "8g8e", 2, id="a-rook-behind-it-joins-in"),
        pytest.param("k8/9/9/1r7/1p7/9/1L7/9/1R2K4 b b 1", "8g8e", 2, id="from-afar-as-well"),
        pytest.param("4k4/9/4g4/9/4p4/3S5/4L4/9/3RK4 b - 1", "6f5e", 2, id="a-pawn-that-nobody-guards"),
        pytest.param("9/4k4/4s4/4p4/5N3/9/9/4R4/4K4 b - 1", "4e5c+", 2, id="a-king-takes-back"),
        pytest.param("9/4k4/4s4/4p4/3N1N3/9/9/9/4K4 b - 1", "4e5c+", 12, id="a-king-may-not-take-what-is-guarded"),
        pytest.param("4k4/9/4g4/3p5/4P4/9/9/4R4/4K4 b - 1", "5e5d", 0, id="a-pinned-gold-guards-along-its-line-only"),
        pytest.param(
            "4k4/9/4g4/3s5/9/4R4/3L5/9/4K4 b - 1", "6g6d", 10, id="a-pinned-gold-guards-nothing-beside-its-line"
        ),
    ],
)
def test_exchanges_by_hand(sfen: str, move: str, value: int) -> None:
    position = parse_sfen(sfen)
    values = exchange_values(position, legal_mask(position), PIECE_VALUES)
    assert values[0, usi_to_action(position, move)] == value
