"""KIF, line by line."""

import pytest
from record_corpus import BARE, ENDINGS, EVEN, MIRRORED, game

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.records import Game, as_text


def kif(record):
    return as_text(Game.of(record), "kif").splitlines()


def test_game_from_the_start_position_is_written_as_the_field_writes_it():
    moves = "7g7f 3c3d 8h2b+ 3a2b B*4e"

    assert kif(game(moves, "resignation", "black", names=("alphabeta:depth=2", "random"))) == [
        "手合割：平手",
        "先手：alphabeta:depth=2",
        "後手：random",
        "手数----指手---------消費時間--",
        "   1 ７六歩(77)   ( 0:00/00:00:00)",
        "   2 ３四歩(33)   ( 0:00/00:00:00)",
        "   3 ２二角成(88) ( 0:00/00:00:00)",
        "   4 同　銀(31)   ( 0:00/00:00:00)",
        "   5 ４五角打     ( 0:00/00:00:00)",
        "   6 投了         ( 0:00/00:00:00)",
        "まで5手で先手の勝ち",
    ]


def test_other_start_is_drawn_with_hands_in_kanji_and_its_move_numbers():
    assert kif(game("5a5b", sfen=f"{BARE} w 2RB11P7p 42")) == [
        "後手の持駒：歩七",
        "  ９ ８ ７ ６ ５ ４ ３ ２ １",
        "+---------------------------+",
        "| ・ ・ ・ ・v玉 ・ ・ ・ ・|一",
        *(f"| ・ ・ ・ ・ ・ ・ ・ ・ ・|{rank}" for rank in "二三四五六七八"),
        "| ・ ・ ・ ・ 玉 ・ ・ ・ ・|九",
        "+---------------------------+",
        "先手の持駒：飛二　角　歩十一",
        "後手番",
        "手数----指手---------消費時間--",
        "  42 ５二玉(51)   ( 0:00/00:00:00)",
        "  43 中断         ( 0:00/00:00:00)",
        "まで42手で中断",
    ]


def test_eighteen_pawns_in_hand_are_counted_in_kanji():
    assert "先手の持駒：歩十八" in kif(game(sfen=f"{BARE} b 18P 1"))
    assert "後手の持駒：歩十" in kif(game(sfen=f"{BARE} b 10p 1"))


@pytest.mark.parametrize(
    ("sfen", "row"),
    [
        (MIRRORED, "| ・v角 ・ ・ ・ ・ ・v飛 ・|二"),
        ("4k4/+l+n+s+p+r+b3/9/9/9/9/9/9/4K4 b - 1", "|v杏v圭v全vとv龍v馬 ・ ・ ・|二"),
    ],
)
def test_rank_of_a_diagram_has_one_character_for_each_piece(sfen, row):
    assert row in kif(game(sfen=sfen))


def test_handicap_has_its_name_and_its_own_words_for_the_players():
    lines = kif(game("5a4b", "resignation", "white", sfen=NAMED_STARTS["six-piece"], names=("a", "b")))

    assert lines[:3] == ["手合割：六枚落ち", "下手：a", "上手：b"]
    assert lines[-1] == "まで1手で上手の勝ち"


@pytest.mark.parametrize(
    ("name", "row", "told"),
    [
        ("mate by black", "  24 詰み         ", "まで23手で先手の勝ち"),
        ("mate by white", "  17 詰み         ", "まで16手で後手の勝ち"),
        ("resigned by white", "   2 投了         ", "まで1手で先手の勝ち"),
        ("illegal move by black", "   3 反則負け     ", "まで2手で先手の反則負け"),
        ("white says nothing", "   2 切れ負け     ", "まで1手で先手の勝ち"),
        ("black is gone", "   3 不戦敗       ", "まで2手で後手の勝ち"),
        ("declared by black", "   3 入玉勝ち     ", "まで2手で先手の入玉勝ち"),
        ("declared by white", "   2 入玉勝ち     ", "まで1手で後手の入玉勝ち"),
        ("repetition", "  13 千日手       ", "まで12手で千日手"),
        ("black checked last", "  13 反則勝ち     ", "まで12手で後手の反則勝ち"),
        ("black checked", "  14 反則負け     ", "まで13手で先手の反則負け"),
        ("white checked last", "  13 反則勝ち     ", "まで12手で先手の反則勝ち"),
        ("white checked", "  14 反則負け     ", "まで13手で後手の反則負け"),
        ("cut off", "   3 中断         ", "まで2手で中断"),
        ("no move", "   1 中断         ", "まで0手で中断"),
    ],
)
def test_ending_is_told_from_every_other(name, row, told):
    assert kif(ENDINGS[name])[-2:] == [f"{row}( 0:00/00:00:00)", told]


def test_game_without_names_has_no_lines_for_them():
    assert kif(game(sfen=EVEN))[1] == "手数----指手---------消費時間--"


@pytest.mark.parametrize(
    ("told", "event"),
    [
        ({"first": "black", "match": "rung", "update": 4}, "match, rung, update 4"),
        ({"first": "black"}, "match"),
        ({"update": 3}, "self-play, update 3"),
    ],
)
def test_game_says_where_it_belongs_where_its_file_does(told, event):
    assert kif(game() | told)[0] == f"棋戦：{event}"
