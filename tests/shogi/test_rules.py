"""Named cases of the rules, one row each; every expectation is checked against both libraries too."""

import cshogi
import pytest
from rsshogi.core import Board

from keisei_core.shogi import action_to_usi, legal_mask, parse_sfen


def legal_moves(sfen: str) -> set[str]:
    position = parse_sfen(sfen)
    moves = {action_to_usi(position, int(action)) for action in legal_mask(position)[0].nonzero()[0]}
    assert moves == {move.to_usi() for move in Board(sfen).legal_moves()}
    assert moves == {cshogi.move_to_usi(move) for move in cshogi.Board(sfen).legal_moves}
    return moves


@pytest.mark.parametrize(
    ("sfen", "move", "is_legal"),
    [
        pytest.param("4k4/9/9/9/9/9/4P4/9/4K4 b P 1", "P*5e", False, id="nifu"),
        pytest.param("4k4/9/9/9/9/9/4+P4/9/4K4 b P 1", "P*5e", True, id="nifu-promoted-pawn-on-the-file"),
        pytest.param("3k5/4p4/9/9/9/9/9/9/4K4 b P 1", "P*5e", True, id="nifu-opponents-pawn-on-the-file"),
        pytest.param("4k4/9/9/9/9/9/4p4/9/4K4 w p 1", "P*5e", False, id="nifu-white"),
        pytest.param("4k4/9/9/9/9/9/9/9/4K4 b P 1", "P*9a", False, id="pawn-on-the-last-rank"),
        pytest.param("4k4/9/9/9/9/9/9/9/4K4 b L 1", "L*9a", False, id="lance-on-the-last-rank"),
        pytest.param("4k4/9/9/9/9/9/9/9/4K4 b N 1", "N*9b", False, id="knight-on-the-last-but-one-rank"),
        pytest.param("4k4/9/9/9/9/9/9/9/4K4 b N 1", "N*9c", True, id="knight-on-the-third-rank"),
        pytest.param("4k4/9/9/9/9/9/9/9/4K4 w n 1", "N*9h", False, id="knight-on-whites-last-but-one-rank"),
        pytest.param("4k4/9/9/9/9/9/9/9/4K4 b P 1", "P*5b", True, id="pawn-check-that-is-no-mate"),
        pytest.param("4k4/9/9/9/9/9/g8/9/KL7 w p 1", "P*9h", False, id="uchifuzume-white"),
    ],
)
def test_drop_onto_a_square(sfen: str, move: str, is_legal: bool) -> None:
    assert (move in legal_moves(sfen)) == is_legal


@pytest.mark.parametrize(
    ("sfen", "is_legal"),
    [
        pytest.param("7lk/9/8G/9/9/9/9/9/4K4 b P 1", False, id="mate"),
        pytest.param("7lk/6g2/8G/9/9/9/9/9/4K4 b P 1", False, id="defender-out-of-reach"),
        pytest.param("7lk/7s1/8G/9/9/9/9/9/4K4 b P 1", False, id="silver-beside-cannot-take-sideways"),
        pytest.param("7lk/7g1/8G/9/9/9/9/9/4K4 b P 1", True, id="gold-takes"),
        pytest.param("7lk/r8/8G/9/9/9/9/9/4K4 b P 1", True, id="distant-rook-takes"),
        pytest.param("7lk/r2p5/8G/9/9/9/9/9/4K4 b P 1", False, id="distant-rook-is-blocked"),
        pytest.param("5R1gk/9/8G/9/9/9/9/9/4K4 b P 1", False, id="pinned-gold-cannot-take"),
        pytest.param("7gk/9/8G/9/9/9/9/9/4K4 b P 1", True, id="gold-that-is-not-pinned-takes"),
        pytest.param("7lk/7g1/8G/5B3/9/9/9/9/4K4 b P 1", False, id="gold-pinned-on-a-diagonal-cannot-take"),
        pytest.param("7lk/r5R2/8G/9/9/9/9/9/4K4 b P 1", False, id="distant-rook-behind-a-rook-of-the-mover"),
        pytest.param("7lk/9/9/9/9/9/9/9/4K4 b P 1", True, id="king-takes-an-undefended-pawn"),
        pytest.param("7lk/9/9/7N1/9/9/9/9/4K4 b P 1", True, id="king-flees-past-a-defended-pawn"),
        pytest.param("7lk/9/6n1G/9/9/9/9/9/4K4 b P 1", False, id="knight-that-jumps-the-other-way"),
    ],
)
def test_pawn_drop_before_the_king_at_1a(sfen: str, is_legal: bool) -> None:
    assert ("P*1b" in legal_moves(sfen)) == is_legal


@pytest.mark.parametrize(
    ("sfen", "moves"),
    [
        pytest.param(
            "4k4/9/9/9/4r4/9/9/3P1P3/3LKL3 b G 1",
            {"G*5f", "G*5g", "G*5h"},
            id="only-a-drop-between-answers-the-rook",
        ),
        pytest.param(
            "k3r4/9/9/9/9/9/9/3b5/4K4 b RBGSNLP 1",
            {"5i4h", "5i4i", "5i6h", "5i6i"},
            id="double-check-leaves-the-king-alone",
        ),
        pytest.param("4k4/9/9/9/9/9/3n5/9/4K4 b - 1", {"5i4h", "5i4i", "5i5h", "5i6h", "5i6i"}, id="knight-check"),
    ],
)
def test_all_moves_out_of_check(sfen: str, moves: set[str]) -> None:
    assert legal_moves(sfen) == moves


@pytest.mark.parametrize(
    ("sfen", "legal", "illegal"),
    [
        pytest.param("4k4/P8/9/9/9/9/9/9/4K4 b - 1", "9b9a+", "9b9a", id="pawn-to-the-last-rank"),
        pytest.param("4k4/L8/9/9/9/9/9/9/4K4 b - 1", "9b9a+", "9b9a", id="lance-to-the-last-rank"),
        pytest.param("4k4/9/9/N8/9/9/9/9/4K4 b - 1", "9d8b+", "9d8b", id="knight-to-the-last-but-one-rank"),
        pytest.param("4k4/9/N8/9/9/9/9/9/4K4 b - 1", "9c8a+", "9c8a", id="knight-to-the-last-rank"),
        pytest.param("4k4/9/9/9/9/9/p8/9/4K4 w - 1", "9g9h", "9g9i", id="white-pawn-may-stay-on-the-eighth-rank"),
        pytest.param("4k4/9/9/9/9/9/9/p8/4K4 w - 1", "9h9i+", "9h9i", id="white-pawn-to-the-last-rank"),
    ],
)
def test_promotion_that_is_forced(sfen: str, legal: str, illegal: str) -> None:
    moves = legal_moves(sfen)
    assert legal in moves
    assert illegal not in moves


@pytest.mark.parametrize(
    ("sfen", "move"),
    [
        pytest.param("4k4/9/9/L8/9/9/9/9/4K4 b - 1", "9d9b", id="lance-to-the-second-rank"),
        pytest.param("4k4/9/9/9/N8/9/9/9/4K4 b - 1", "9e8c", id="knight-to-the-third-rank"),
        pytest.param("4k4/9/9/R8/9/9/9/9/4K4 b - 1", "9d9a", id="rook-to-the-last-rank"),
        pytest.param("4k4/9/S8/9/9/9/9/9/4K4 b - 1", "9c8d+", id="silver-promotes-on-leaving-the-zone"),
        pytest.param("4k4/9/B8/9/9/9/9/9/4K4 b - 1", "9c7e+", id="bishop-promotes-on-leaving-the-zone"),
    ],
)
def test_promotion_that_is_free_may_be_taken_or_left(sfen: str, move: str) -> None:
    other = move.removesuffix("+") if move.endswith("+") else move + "+"
    assert {move, other} <= legal_moves(sfen)


@pytest.mark.parametrize(
    ("sfen", "origin", "targets"),
    [
        pytest.param("4r3k/9/9/9/4G4/9/9/9/4K4 b - 1", "5e", "5d 5f", id="gold-on-a-file"),
        pytest.param("k8/9/9/9/4b4/9/6S2/9/8K b - 1", "3g", "4f 2h", id="silver-on-a-diagonal"),
        pytest.param("4r3k/9/9/9/4N4/9/9/9/4K4 b - 1", "5e", "", id="knight"),
        pytest.param("4r4/k8/9/9/4B4/9/9/9/4K4 b - 1", "5e", "", id="bishop-on-a-file"),
        pytest.param("8k/9/9/9/r3S3K/9/9/9/9 b - 1", "5e", "", id="silver-on-a-rank"),
        pytest.param("4l3k/9/9/4R4/9/9/9/9/4K4 b - 1", "5d", "5a 5a+ 5b 5b+ 5c 5c+ 5e 5f 5g 5h", id="rook-on-a-file"),
    ],
)
def test_pinned_piece_moves_along_the_pin_only(sfen: str, origin: str, targets: str) -> None:
    assert {move for move in legal_moves(sfen) if move.startswith(origin)} == {origin + to for to in targets.split()}


def test_king_may_not_step_back_along_the_line_of_a_check() -> None:
    moves = legal_moves("4k4/9/4r4/9/9/4K4/9/9/9 b - 1")
    assert "5f5g" not in moves
    assert {"5f4f", "5f6f"} <= moves


def test_king_may_not_take_a_defended_piece() -> None:
    moves = legal_moves("4k4/9/9/9/4l4/9/4g4/4K4/9 b - 1")
    assert "5h5g" not in moves
