"""Safe squares and hanging pieces: by hand, and against plain exchanges over the attackers that rsshogi finds."""

from functools import cache
from typing import Final

import numpy as np
import pytest
from rsshogi.core import Board, Square

from keisei_core.shogi import OPPONENT, PIECE_LETTERS, PIECE_VALUES, Games, Starts, UInt8Array, parse_sfen
from keisei_core.shogi.tables import FILE_STEP, GOLD, KING, PAWN, PROMOTED, RANK_STEP
from keisei_core.testing import feature_set

Codes = tuple[int, ...]
"""A board of 81 piece codes, as the mover sees it."""
SAFE: Final = feature_set("safe")
NAMES: Final = [channel.name for channel in SAFE.channels]
SIDES: Final = ("own", "opponent")
ANYTHING: Final = 1 << 20
IN_HAND: Final = [PIECE_VALUES[kind if kind <= KING else kind - PROMOTED] for kind in range(OPPONENT + 1)]
WORTH: Final = [value + held for value, held in zip(PIECE_VALUES, IN_HAND, strict=True)]
"""What is lost on the board and gained in the other hand, by kind."""
LINES: Final = list(zip(FILE_STEP[:8], RANK_STEP[:8], strict=True))
BUSY: Final = (
    "l2g1k1nl/1r1sg1sb1/p1nppp1pp/2p3p2/1p5P1/2P1P4/PPSPSPP1P/2G1G1R2/LN2K2NL b B 1",
    "3k5/3P5/2+B1R4/9/4r4/9/4p4/5p3/4K4 w GSNL2g2s 1",
    "k2r5/3l5/3p5/3s1b3/3PS4/3L1N3/3R2B2/3L5/4K4 b GSgs 1",
    "lnsgk1snl/6g2/p1pppp1pp/6p2/9/2P6/P2PPPP1P/7R1/LNSGKGSNL b RB2Pb 1",
)


def sfen_of(codes: Codes) -> str:
    """Writes a board with the mover as Black."""
    ranks = []
    for rank in range(9):
        row = (codes[file * 9 + rank] for file in range(8, -1, -1))
        letters = (PIECE_LETTERS[c] if c <= OPPONENT else PIECE_LETTERS[c - OPPONENT].lower() for c in row)
        ranks.append("".join(letter if letter.strip(".") else "1" for letter in letters))
    return f"{'/'.join(ranks)} b - 1"


@cache
def attackers(codes: Codes, side: int, square: int) -> list[int]:
    """Returns where rsshogi finds the pieces of a side that attack a square, pinned ones too."""
    board = Board()
    board.set_sfen(sfen_of(codes))
    found = board.attackers_to_color_current(board.turn.opponent() if side else board.turn, Square.from_index(square))
    packed = np.frombuffer(found.packed.to_bytes(11, "little"), np.uint8)
    return np.flatnonzero(np.unpackbits(packed, count=81, bitorder="little")).tolist()


def kind_of(code: int) -> int:
    return code - OPPONENT if code > OPPONENT else code


def moved(codes: Codes, origin: int, square: int, code: int) -> Codes:
    after = [*codes]
    after[origin], after[square] = 0, code
    return tuple(after)


def is_pinned(codes: Codes, side: int, origin: int, square: int) -> bool:
    """Tells whether going there would open a line to the own king."""
    king = KING + side * OPPONENT
    if king not in codes or codes[origin] == king:
        return False
    home = codes.index(king)
    after = moved(codes, origin, square, codes[origin])
    return bool({*attackers(after, 1 - side, home)} - {*attackers(codes, 1 - side, home)})


def order(square: int, origin: int, side: int, is_mirrored: bool) -> int:
    """Returns which of equal takers comes first: along the lines in their order, then the knights."""
    files, ranks = origin // 9 - square // 9, origin % 9 - square % 9
    files = -files if is_mirrored else files
    if {abs(files), abs(ranks)} == {1, 2}:
        return len(LINES) + ((files > 0) != bool(side))
    return LINES.index((int(np.sign(files)), int(np.sign(ranks))))


def least(codes: Codes, square: int, side: int, is_mirrored: bool) -> int | None:
    """Returns where the least valuable piece stands that may take, the king last; None where there is none."""
    origins = [origin for origin in attackers(codes, side, square) if not is_pinned(codes, side, origin, square)]

    def rank(origin: int) -> tuple[int, int]:
        kind = kind_of(codes[origin])
        return ANYTHING if kind == KING else WORTH[kind], order(square, origin, side, is_mirrored)

    origin = min(origins, key=rank, default=None)
    if origin is not None and kind_of(codes[origin]) == KING and attackers(codes, 1 - side, square):
        return None
    return origin


def taken(codes: Codes, origin: int, square: int, side: int) -> tuple[Codes, int]:
    """Takes, promoting if that wins something; returns the board and what was won."""
    kind = kind_of(codes[origin])
    won = WORTH[kind_of(codes[square])]
    ranks = [place % 9 if side == 0 else 8 - place % 9 for place in (origin, square)]
    if kind < KING and kind != GOLD and min(ranks) < 3:
        won += PIECE_VALUES[kind + PROMOTED] - PIECE_VALUES[kind]
        kind += PROMOTED
    return moved(codes, origin, square, kind + side * OPPONENT), won


def exchange(codes: Codes, square: int, side: int, is_mirrored: bool) -> int:
    """Returns what a side wins that may take first."""
    origin = least(codes, square, side, is_mirrored)
    if origin is None:
        return 0
    after, won = taken(codes, origin, square, side)
    return max(0, won - exchange(after, square, 1 - side, is_mirrored))


def written_slowly(codes: Codes, square: int, side: int) -> tuple[bool, bool, int]:
    """Returns what the three planes of a side show of a square: by the worse of both orders of equal takers."""
    if kind_of(codes[square]) == KING:
        return False, False, 0
    worst = [ANYTHING]
    empty = moved(codes, square, square, 0)
    for is_mirrored in (False, True):
        origin = least(empty, square, 1 - side, is_mirrored)
        if origin is not None:
            after, won = taken(empty, origin, square, 1 - side)
            worst.append(exchange(after, square, side, is_mirrored) - won)
    stands = codes[square] and (codes[square] > OPPONENT) == bool(side)
    loses = [exchange(codes, square, 1 - side, is_mirrored) for is_mirrored in (False, True)] if stands else [0]
    return min(worst) >= WORTH[PAWN], min(worst) >= WORTH[GOLD], max(loses)


def test_planes_are_what_plain_exchanges_over_rsshogis_attackers_come_to() -> None:
    random, num_unsafe, num_hanging = np.random.default_rng(7), 0, 0
    for starts in (Starts.standard(random_plies=60), Starts.from_sfens(BUSY)):
        games = Games(4, starts=starts, seed=5)
        for _ in range(3):
            planes = SAFE.encode(games.positions).reshape(len(games), 2, 3, 81)
            for row, board in enumerate(games.positions.board.tolist()):
                occupied = np.flatnonzero(board)
                for square in {*random.integers(81, size=8).tolist(), *random.choice(occupied, 6).tolist()}:
                    for side in range(2):
                        seen = planes[row, side, :, square].tolist()
                        expected = written_slowly(tuple(board), square, side)
                        assert seen == [*map(int, expected)], (sfen_of(tuple(board)), square, SIDES[side])
                        num_unsafe += not seen[1]
                        num_hanging += seen[2] > 0
            for _ in range(7):
                games.step(games.sample())
    assert num_unsafe > 100
    assert num_hanging > 10


def shown(sfen: str, name: str) -> UInt8Array:
    """Returns uint8 [9, 9], a plane of a position."""
    plane: UInt8Array = SAFE.encode(parse_sfen(sfen))[0, NAMES.index(name)]
    return plane


@pytest.mark.parametrize(
    ("sfen", "square", "pawn", "gold"),
    [
        pytest.param("4k4/9/9/4r4/9/9/9/9/3K5 b - 1", "5g", 0, 0, id="attacked-and-not-guarded"),
        pytest.param("4k4/9/9/4r4/9/9/9/4G4/3K5 b - 1", "5g", 1, 1, id="a-rook-does-not-take-what-is-guarded"),
        pytest.param("4k4/9/9/9/9/4p4/9/4G4/3K5 b - 1", "5g", 1, 0, id="a-pawn-that-promotes-as-it-takes"),
        pytest.param("4k4/9/9/4p4/9/4G4/9/9/3K5 b - 1", "5e", 1, 0, id="guarded-against-a-pawn-but-not-worth-more"),
        pytest.param("4k4/9/9/9/4r4/9/9/4G4/4K4 b - 1", "4g", 1, 1, id="nobody-attacks"),
        pytest.param("4k4/4r4/9/9/6r2/9/4G4/9/4K4 b - 1", "3g", 0, 0, id="out-of-reach-of-the-guard"),
        pytest.param("4k4/4r4/9/9/5r3/9/4G4/9/4K4 b - 1", "4g", 0, 0, id="the-guard-is-pinned"),
        pytest.param("4k4/4r4/9/9/5r3/9/4G4/9/3K5 b - 1", "4g", 1, 1, id="the-same-guard-without-the-pin"),
    ],
)
def test_where_a_pawn_and_a_gold_are_safe_by_hand(sfen: str, square: str, pawn: int, gold: int) -> None:
    file, rank = int(square[0]) - 1, "abcdefghi".index(square[1])
    assert shown(sfen, "own_safe_pawn")[file, rank] == pawn
    assert shown(sfen, "own_safe_gold")[file, rank] == gold


@pytest.mark.parametrize("ranks", [("k8", "6B2", "K8"), ("8k", "2B6", "8K")], ids=["bishop-right", "bishop-left"])
def test_of_equal_takers_the_one_that_keeps_a_line_shut_counts(ranks: tuple[str, str, str]) -> None:
    """Behind one of two dragons a bishop waits: who takes with that one loses it for the bishop."""
    far, bishop, near = ranks
    sfen = f"{far}/9/{bishop}/3+r1+r3/9/9/9/9/{near} b - 1"
    assert not shown(sfen, "own_safe_pawn")[4, 4]


@pytest.mark.parametrize(
    ("sfen", "square", "loses"),
    [
        pytest.param("4k4/9/9/1r7/9/9/1P7/9/4K4 b - 1", "8g", 5, id="a-pawn-taken-by-a-rook-that-promotes"),
        pytest.param("4k4/9/9/1r7/9/9/1P7/1G7/4K4 b - 1", "8g", 0, id="a-guarded-pawn"),
        pytest.param("4k4/9/9/1p7/1R7/1G7/9/9/4K4 b - 1", "8e", 18, id="a-guarded-rook-for-a-pawn"),
        pytest.param("4k4/9/9/9/1R7/9/9/9/4K4 b - 1", "8e", 0, id="nobody-takes"),
    ],
)
def test_what_a_hanging_piece_loses_by_hand(sfen: str, square: str, loses: int) -> None:
    plane = shown(sfen, "own_hanging")
    assert plane[int(square[0]) - 1, "abcdefghi".index(square[1])] == loses
    assert (plane > 0).sum() == bool(loses)


def test_kings_squares_are_neither_safe_nor_hanging() -> None:
    planes = SAFE.encode(parse_sfen("4k4/9/9/4r4/9/9/9/4R4/4K4 b - 1"))[0]
    assert not planes[:, 4, 0].any()
    assert not planes[:, 4, 8].any()


def test_a_rook_that_hangs_for_nothing_shows_as_one() -> None:
    scales = dict(zip(NAMES, SAFE.scales.tolist(), strict=True))
    assert scales["own_hanging"] == scales["opponent_hanging"] == pytest.approx(1 / WORTH[PIECE_LETTERS.index("R")])
    assert scales["own_safe_pawn"] == 1
