"""Pictures of positions: every piece stands where rsshogi's board has it."""

import re
from xml.etree import ElementTree

import pytest
from rsshogi.core import Board, Square

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.errors import ConfigError, SfenError
from keisei_core.picture import Picture, board_text
from keisei_core.records.kif import ON_DIAGRAMS

BUSY = "l6nl/5+P1gk/2np1S3/p1p4Pp/3P2Sp1/1PPb2P1P/P5GS1/R8/LN4bKL w RGgsn5p 1"
SVG = "{http://www.w3.org/2000/svg}"


def texts(picture):
    return ["".join(node.itertext()) for node in ElementTree.fromstring(picture.svg()).iter(f"{SVG}text")]


@pytest.mark.parametrize("sfen", [BUSY, *NAMED_STARTS.values()])
def test_board_as_text_has_every_piece_where_it_stands(sfen):
    rows = [line.strip("|abcdefghi\n")[:36] for line in board_text(sfen).splitlines() if line.startswith("|")]

    board = Board(sfen)
    for rank, row in enumerate(rows):
        for column in range(9):
            piece = str(board.piece_on(Square((8 - column) * 9 + rank)))
            assert row[4 * column : 4 * column + 4].strip() == (piece or ".")


def test_board_as_text_marks_where_the_last_move_went_and_tells_hands():
    lines = board_text(BUSY, "P*2e").splitlines()

    assert lines[0] == "White in hand: G, S, N, P x 5"
    assert lines[-1] == "Black in hand: R, G"
    assert lines[7] == "|  .   .   .   P   .   .   S [ p]  . |e"
    assert sum(line.count("[") for line in lines) == 1


def test_board_in_kanji_tells_whose_a_piece_is():
    lines = board_text(BUSY, "P*2e", "kanji").splitlines()

    assert lines[0] == "White in hand: 金, 銀, 桂, 歩 x 5"
    assert lines[4] == "|  ・   ・   ・   ・   ・   と   ・  v金  v玉 |二"
    assert lines[7] == "|  ・   ・   ・   歩   ・   ・   銀 [v歩]  ・ |五"


def test_svg_is_well_formed_and_has_all_pieces_and_hands():
    shown = texts(Picture(BUSY))

    on_board = re.findall(r"\+?[A-Za-z]", BUSY.split()[0])
    in_hands = re.findall(r"[A-Za-z]", BUSY.split()[2])  # a kind once, with its number beside
    drawn = [text for text in shown if text in ON_DIAGRAMS.values()]
    assert sorted(drawn) == sorted(ON_DIAGRAMS[piece.upper()] for piece in on_board + in_hands)
    assert shown.count("5") == 2  # file 5, and White's pawns in hand


def test_svg_turns_the_pieces_of_white():
    assert Picture("two-piece").svg().count("rotate(180)") == 18


def test_svg_colours_both_squares_of_the_last_move_and_one_of_a_drop():
    last = '#f6b44b"/>'

    assert Picture("startpos", "3c3d").svg().count(last) == 2
    assert Picture(BUSY, "P*2e").svg().count(last) == 1


def test_svg_draws_an_arrow_for_a_move_and_a_piece_for_a_drop():
    picture = Picture(BUSY, moves=[("2e2f", 0.5), ("N*3f", 0.25), ("7c6e", 0.1)])
    plain = Picture(BUSY)

    assert picture.svg().count('fill="#1d4ed8" opacity') == 2
    assert picture.svg().count("<g ") == plain.svg().count("<g ") + 2  # the dropped piece, seen through
    assert texts(picture)[-3:] == ["50%", "25%", "10%"]


def test_arrow_goes_from_square_to_square():
    svg = Picture("startpos", moves=[("7g7f", 1.0)]).svg()
    points = re.findall(r"([\d.]+) ([\d.]+)", re.search(r'<path d="(M[^"]+)" fill="#1d4ed8"', svg)[1])
    x, y = zip(*((float(x), float(y)) for x, y in points), strict=True)

    # The middle of 7g is at (68 + 2.5 * 44, 26 + 6.5 * 44).
    assert (min(x) + max(x)) / 2 == pytest.approx(178)
    assert max(y) == pytest.approx(312 - 8)
    assert min(y) == pytest.approx(312 - 44 + 4)


def test_what_stands_in_a_caption_is_text():
    assert "<script>" not in Picture("startpos", caption="<script>&").svg()
    assert texts(Picture("startpos", caption="<script>&"))[-1] == "<script>&"


def test_notebook_gets_the_svg_and_print_gets_the_text():
    picture = Picture("two-piece")

    assert picture._repr_svg_() == picture.svg()
    assert str(picture) == board_text(NAMED_STARTS["two-piece"])


@pytest.mark.parametrize(
    "wrong", ["", "foo", "9/9/9 b - 1", "lnsgkgsnl/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNX b - 1"]
)
def test_what_is_no_position_is_refused(wrong):
    with pytest.raises(SfenError, match="expected a position in SFEN or the name of a start"):
        Picture(wrong)


def test_what_is_no_move_is_refused():
    with pytest.raises(ConfigError, match="last_move: expected a move in USI, 7g7f or P\\*5e, got 'e2e4'"):
        Picture("startpos", "e2e4")
    with pytest.raises(ConfigError, match="moves: expected a move in USI"):
        Picture("startpos", moves=[("0-0", 1.0)])
    with pytest.raises(ConfigError, match="moves: expected a move in USI"):
        Picture("startpos", moves=[("7g7g", 1.0)])
