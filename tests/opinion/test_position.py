"""Positions as users write them."""

import pytest

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.errors import ConfigError, SfenError
from keisei_core.opinion import read_position
from keisei_core.shogi import Ending, format_sfen

START = NAMED_STARTS["startpos"]
MATED = "8k/8P/7+R+R/9/9/9/9/9/4K4 w - 7"
AFTER_TWO = "lnsgkgsnl/1r5b1/pppppp1pp/6p2/9/2P6/PP1PPPPPP/1B5R1/LNSGKGSNL b - 3"
ROUND = "5i5h 5a5b 5h5i 5b5a"


@pytest.mark.parametrize(
    ("text", "sfen"),
    [
        pytest.param("", START, id="nothing"),
        pytest.param("startpos", START, id="name"),
        pytest.param("two-piece", NAMED_STARTS["two-piece"], id="handicap"),
        pytest.param(START, START, id="sfen"),
        pytest.param(START.removesuffix(" 1"), START, id="without-number"),
        pytest.param(START.split()[0], START, id="board-alone"),
        pytest.param(f"position sfen {START} moves 7g7f 3c3d", AFTER_TWO, id="usi"),
        pytest.param("startpos moves 7g7f 3c3d", AFTER_TWO, id="moves-from-the-start"),
        pytest.param("7g7f  3c3d", AFTER_TWO, id="moves-alone"),
        pytest.param("startpos moves", START, id="no-moves"),
        pytest.param("bishop moves 8c8d", None, id="handicap-with-moves"),
    ],
)
def test_position_is_read_as_people_write_it(text, sfen):
    standing = read_position(text)

    assert sfen is None or format_sfen(standing.position) == sfen
    assert standing.ending is Ending.NONE
    assert len(standing.past) == 1


def test_past_and_last_move_are_those_of_the_moves():
    standing = read_position(f"{ROUND} 7g7f 3c3d", num_earlier=2)

    assert standing.last_move == "3c3d"
    assert format_sfen(standing.position).endswith(" b - 7")
    assert standing.position.num_earlier == 2
    assert standing.position.earlier_board.any()
    assert read_position(ROUND).position.repetition.tolist() == [1]


@pytest.mark.parametrize(
    ("text", "ending"),
    [
        pytest.param(MATED, Ending.MATE, id="mated-already"),
        pytest.param("4k4/9/4P4/9/9/9/9/9/4K4 b G 1 moves G*5b", Ending.MATE, id="mating-move"),
        pytest.param(" ".join([ROUND] * 3), Ending.REPETITION, id="fourth-time"),
    ],
)
def test_ended_game_is_told(text, ending):
    standing = read_position(text)

    assert standing.ending is ending
    assert standing.past is None


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        ("foo", SfenError, "expected 9 ranks"),
        ("4k4/9/9/9/9/9/9/9/9 b - 1", SfenError, "expected one black king, got 0"),
        ("7g7f 7g7f", ConfigError, "move 2: expected a legal move in usi, got '7g7f'"),
        ("startpos moves e2e4", ConfigError, "move 1: expected a legal move in usi, got 'e2e4'"),
        (" ".join([*[ROUND] * 3, "7g7f"]), ConfigError, "the game is over by repetition after 12 moves, got '7g7f'"),
        (f"{MATED} moves 1a1b", SfenError, "has no legal move"),
    ],
)
def test_wrong_position_is_told_with_what_is_wrong(text, error, told):
    with pytest.raises(error, match=told):
        read_position(text)
