"""SFEN in and out; a malformed one gives one error that names the part."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rsshogi.core import Board

from keisei_core.errors import SfenError
from keisei_core.shogi import NAMED_STARTS, START_SFEN, Games, format_sfen, parse_sfen


@pytest.mark.parametrize("sfen", NAMED_STARTS.values(), ids=list(NAMED_STARTS))
def test_start_position_comes_back_as_it_was(sfen: str) -> None:
    assert format_sfen(parse_sfen(sfen)) == sfen


def test_positions_of_random_games_come_back_as_they_were() -> None:
    games = Games(64, seed=3)
    for _ in range(60):
        games.step(games.sample())
        sfens = [format_sfen(games.positions, row) for row in range(0, 64, 9)]
        for row, sfen in zip(range(0, 64, 9), sfens, strict=True):
            position = parse_sfen(sfen)
            assert format_sfen(position) == sfen == Board(sfen).to_sfen()
            for name in ("board", "hands", "side_to_move", "ply", "in_check"):
                np.testing.assert_array_equal(position.arrays()[name][0], games.positions.arrays()[name][row], name)


@pytest.mark.parametrize("sfen", ["startpos", "sfen " + START_SFEN, START_SFEN.removesuffix(" 1")])
def test_usual_ways_to_write_the_start_position_are_read(sfen: str) -> None:
    assert format_sfen(parse_sfen(sfen)) == START_SFEN


BARE = "4k4/9/9/9/9/9/9/9/4K4"


@pytest.mark.parametrize(
    ("hands", "sum_of_all"),
    [("PSPpbpb", "S2P2b2p"), ("2P3P", "5P"), ("9P9P", "18P"), ("pP2pP", "2P3p"), ("PPPPPPPPPPPPPPPPPP", "18P")],
)
def test_pieces_of_a_kind_in_several_places_of_the_hands_are_summed(hands: str, sum_of_all: str) -> None:
    assert format_sfen(parse_sfen(f"{BARE} b {hands} 1")) == f"{BARE} b {sum_of_all} 1"


@pytest.mark.parametrize(
    ("sfen", "match"),
    [
        pytest.param("", "expected board, side to move, hands and move number in sfen, got 0 parts: ''", id="empty"),
        pytest.param(f"{BARE} b", "got 2 parts", id="no-hands"),
        pytest.param(f"{BARE} b - 1 1", "got 5 parts", id="too-many-parts"),
        pytest.param("4k4/9/9/9/9/9/9/4K4 b - 1", "expected 9 ranks in board part of sfen, got 8", id="eight-ranks"),
        pytest.param(
            "4k3/9/9/9/9/9/9/9/4K4 b - 1", "expected 9 files in rank 1 of sfen, got 8: '4k3'", id="short-rank"
        ),
        pytest.param("4k4/9/9/9/9/9/9/9/4K5 b - 1", "expected 9 files in rank 9 of sfen, got 10", id="long-rank"),
        pytest.param("4k4/x8/9/9/9/9/9/9/4K4 b - 1", "expected a piece letter .* got 'x': 'x8'", id="letter"),
        pytest.param("4k4/0p8/9/9/9/9/9/9/4K4 b - 1", "got '0'", id="zero"),
        pytest.param("4+k4/9/9/9/9/9/9/9/4K4 b - 1", r"got '\+k'", id="promoted-king"),
        pytest.param("4k4/+G8/9/9/9/9/9/9/4K4 b - 1", r"got '\+G'", id="promoted-gold"),
        pytest.param("4k4/++P8/9/9/9/9/9/9/4K4 b - 1", r"got '\+\+'", id="two-pluses"),
        pytest.param("4k4/8+/9/9/9/9/9/9/4K4 b - 1", r"after '\+' in board part of sfen, got the end", id="lone-plus"),
        pytest.param(f"{BARE} B - 1", "expected 'b' or 'w' as side to move in sfen, got 'B'", id="side"),
        pytest.param(f"{BARE} b K 1", "piece letter or a count in hands part of sfen, got 'K'", id="king-in-hand"),
        pytest.param(f"{BARE} b 0P 1", "in hands part of sfen, got '0'", id="zero-in-hand"),
        pytest.param(f"{BARE} b 2 1", "after the count in hands part of sfen, got the end: '2'", id="lone-count"),
        pytest.param(f"{BARE} b 2B2G3B 1", "expected at most 2 'B' in hands part of sfen, got 5", id="sum-too-large"),
        pytest.param(f"{BARE} b {'P' * 19} 1", "expected at most 18 'P' in hands part of sfen, got 19", id="letters"),
        pytest.param(f"{BARE} b P0P 1", "in hands part of sfen, got '0'", id="zero-of-what-is-held"),
        pytest.param(f"{BARE} b 9P9p9P1p 1", "expected at most 18 P, got 28", id="sum-of-both-hands"),
        pytest.param("position startpos", "got 2 parts: .*; leave out the word position", id="position-startpos"),
        pytest.param(f"position sfen {BARE} b - 1", "got 6 parts: .*; leave out the word position", id="position-sfen"),
        pytest.param("startpos moves 7g7f", "got 3 parts: .*; moves are no part of a position", id="moves"),
        pytest.param(
            f"position sfen {BARE} b - 1 moves 5i5h", "; moves are no part of a position", id="position-moves"
        ),
        pytest.param(f"{BARE}_b_-_1", "got 1 parts: .*; write spaces instead of underscores", id="underscores"),
        pytest.param(f"{BARE} b 19P 1", "expected at most 18 'P' in hands part of sfen, got 19", id="nineteen-pawns"),
        pytest.param(f"{BARE} b 99999999999999999999P 1", "expected at most 18 'P'", id="huge-count"),
        pytest.param(
            f"{BARE} b {'9' * 5000}P 1", "expected at most 18 'P' .*, got 99999999999999999999:", id="endless"
        ),
        pytest.param(f"{BARE.replace('/9/', '/333/', 1)} b - 1", "got '3' after another count", id="two-counts"),
        pytest.param(f"{BARE} b - 0", "expected a move number from 1 to 65535 in sfen, got '0'", id="move-zero"),
        pytest.param(f"{BARE} b - -1", "expected a move number .* got '-1'", id="negative-move"),
        pytest.param(f"{BARE} b - 70000", "expected a move number .* got '70000'", id="huge-move"),
        pytest.param("9/9/9/9/9/9/9/9/4K4 b - 1", "expected one white king, got 0: '9/9", id="no-king"),
        pytest.param("4k4/9/9/9/9/9/9/9/K3K4 b - 1", "expected one black king, got 2", id="two-kings"),
        pytest.param("4k3P/9/9/9/9/9/9/9/4K4 b - 1", "every black piece to have a move left", id="dead-pawn"),
        pytest.param("4k4/9/9/9/9/9/9/n8/4K4 b - 1", "every white piece to have a move left", id="dead-knight"),
        pytest.param("4k4/9/9/P8/P8/9/9/9/4K4 b - 1", "at most one black pawn on each file", id="two-pawns"),
        pytest.param("4k4/9/9/RRR6/9/9/9/9/4K4 b - 1", "expected at most 2 R, got 3", id="three-rooks"),
        pytest.param("4k4/9/9/9/4R4/9/9/9/4K4 b - 1", "got a king that can be taken", id="king-can-be-taken"),
    ],
)
def test_malformed_sfen_names_the_part(sfen: str, match: str) -> None:
    with pytest.raises(SfenError, match=match):
        parse_sfen(sfen)


@given(st.text(alphabet="lnsgkbrpLNSGKBRP+/123456789 bw-0x\t\u0663\u00b2", max_size=90))
def test_any_text_gives_a_position_or_one_error(text: str) -> None:
    assert_position_or_error(text)


@given(st.data())
def test_mutated_sfen_gives_a_position_or_one_error(data: st.DataObject) -> None:
    text = list(data.draw(st.sampled_from(list(NAMED_STARTS.values()))))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(text) - 1))
        text[place : place + data.draw(st.integers(0, 2))] = data.draw(
            st.text("lnsgkbrpLNSGKBRP+/129 bw-0", max_size=2)
        )
        if not text:
            break
    assert_position_or_error("".join(text))


def assert_position_or_error(text: str) -> None:
    """Whatever is read is what rsshogi reads from it: nothing is repaired silently."""
    try:
        position = parse_sfen(text)
    except SfenError:
        return
    assert format_sfen(position) == Board(format_sfen(position)).to_sfen()
    assert format_sfen(position).split()[0] in text or "startpos" in text
