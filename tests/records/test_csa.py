"""CSA, line by line."""

import pytest
from record_corpus import BARE, ENDINGS, MIRRORED, game

from keisei_core.records import Game, as_text


def csa(record):
    return as_text(Game.of(record), "csa").splitlines()


def test_game_from_the_start_position_is_written_as_the_field_writes_it():
    moves = "7g7f 3c3d 8h2b+ 3a2b B*4e"

    assert csa(game(moves, "resignation", "black", names=("alphabeta", "random"))) == [
        "'CSA encoding=UTF-8",
        "V3.0",
        "N+alphabeta",
        "N-random",
        "PI",
        "+",
        "+7776FU",
        "-3334FU",
        "+8822UM",
        "-3122GI",
        "+0045KA",
        "%TORYO",
    ]


def test_empty_square_is_a_star_between_two_spaces():
    lines = csa(game("5a5b", sfen=f"{BARE} w Rbp2P 42"))

    assert lines[2:] == [
        "'the first move is number 42",
        "P1 *  *  *  * -OU *  *  *  * ",
        *(f"P{rank} *  *  *  *  *  *  *  *  * " for rank in range(2, 9)),
        "P9 *  *  *  * +OU *  *  *  * ",
        "P+00HI00FU00FU",
        "P-00KA00FU",
        "-",
        "-5152OU",
        "%CHUDAN",
    ]


def test_mirrored_start_is_drawn_square_by_square():
    assert "P2 * -KA *  *  *  *  * -HI * " in csa(game(sfen=MIRRORED))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("mate by black", "%TSUMI"),
        ("mate by white", "%TSUMI"),
        ("resigned by black", "%TORYO"),
        ("illegal move by black", "%ILLEGAL_MOVE"),
        ("white says nothing", "%TIME_UP"),
        ("black is gone", "%ERROR"),
        ("declared by white", "%KACHI"),
        ("repetition", "%SENNICHITE"),
        # With the sign of who acted illegally where that was not the player to move.
        ("black checked last", "%+ILLEGAL_ACTION"),
        ("white checked last", "%-ILLEGAL_ACTION"),
        ("black checked", "%ILLEGAL_MOVE"),
        ("cut off", "%MAX_MOVES"),
        ("unfinished", "%CHUDAN"),
        ("no move", "%CHUDAN"),
    ],
)
def test_ending_is_told_from_every_other(name, line):
    assert csa(ENDINGS[name])[-1] == line


def test_game_of_a_match_says_where_it_belongs():
    assert "$EVENT:match, rung, update 4" in csa(ENDINGS["of a run's match"])
