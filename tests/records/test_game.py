"""Games that can't have gone as a file says are refused in words, whatever they are asked to become."""

import pytest
from record_corpus import BARE, ENDINGS, EVEN, game

from keisei_core.errors import ConfigError
from keisei_core.records import FORMS, Game, as_text
from keisei_core.records.endings import ENDINGS as TEXTS
from keisei_core.records.game import short_name
from keisei_core.shogi import Ending


def test_every_ending_of_the_rules_has_its_words():
    assert {ending.name.lower() for ending in Ending} <= set(TEXTS)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("record", "complaint"),
    [
        (game("7g7f 3c3d", "mate", "black"), "expected 'white' as winner of a game that ends by mate after 2 plies"),
        (game("7g7f 3c3d", "mate", "white"), "expected a game that ends in mate, got one that goes on in sfen 'lnsg"),
        (game("7g7f", "mate", ""), "expected 'black' as winner .* got ''"),
        (game("7g7f", "repetition", "black"), "expected '' as winner .* got 'black'"),
        (game("7g7f", "resignation", "white"), "expected 'black' as winner"),
        (game("7g7f", "sunset", "black"), "expected '' as winner of a game that ends by sunset after 1 plies"),
        (game("7g7f 7g7f"), "expected legal moves, got '7g7f' as move 2 in sfen"),
        (game("7g7f pass"), "expected legal moves, got 'pass' as move 2"),
        (game("5a5b", sfen=f"{BARE} w - 42").copy() | {"moves": ["5a5a"]}, "got '5a5a' as move 42"),
        (game(sfen="garbage"), "expected a start in SFEN, got 'garbage'"),
        (game(sfen=f"{BARE} b 19P 1"), "expected a start in SFEN"),
    ],
)
def test_game_that_cannot_have_gone_so_is_refused(form, record, complaint):
    with pytest.raises(ConfigError, match=complaint):
        as_text(Game.of(record), form)


@pytest.mark.parametrize(
    ("record", "missing"),
    [
        ({"sfen": EVEN, "moves": []}, "ending, winner"),
        (game() | {"moves": ["7g7f", 3]}, "moves"),
        (game() | {"moves": "7g7f"}, "moves"),
        (game() | {"winner": None}, "winner"),
        (game() | {"black": "a"}, "white"),
        (game() | {"white": "a"}, "black"),
        (game() | {"black": "a", "white": 7}, "white"),
    ],
)
def test_record_that_lacks_something_says_what(record, missing):
    with pytest.raises(ConfigError, match=f"got none of: {missing}$"):
        Game.of(record)


@pytest.mark.parametrize(
    ("player", "name"),
    [
        ("random", "random"),
        ("alphabeta:depth=2,random_moves=0.2", "alphabeta:depth=2,random_moves=0.2"),
        ("/home/me/runs/a b/checkpoints/update-000046 @704549185b44", "a b update-000046 @704549185b44"),
        ("runs/a/checkpoints/update-000046:temperature=0.5 @7", "a update-000046:temperature=0.5 @7"),
        ("checkpoint:path=/home/me/net,temperature=1 @7", "checkpoint:path=net,temperature=1 @7"),
        ("./net/", "net"),
        ("/", ""),
        ("x\nN-evil\r%TORYO", r"x\nN-evil\r%TORYO"),
        ("\x1b]0;OWNED\x07\u202egnp.exe", r"\x1b]0;OWNED\x07\u202egnp.exe"),
    ],
)
def test_name_in_a_record_has_no_path_and_nothing_that_is_not_printed(player, name):
    assert short_name(player) == name


def test_name_with_a_line_break_makes_no_line_of_its_own():
    record = game("7g7f", names=("x\nN-evil", "%TORYO\n"))

    for form in FORMS:
        assert len(as_text(Game.of(record), form).splitlines()) == len(
            as_text(Game.of(game("7g7f", names=("x", "y"))), form).splitlines()
        )


def test_hand_with_a_letter_twice_is_written_once():
    assert as_text(Game.of(game(sfen=f"{BARE} b PSPpbpb 1")), "usi") == f"position sfen {BARE} b S2P2b2p 1\n"


@pytest.mark.parametrize("name", ["no move", "unfinished"])
def test_usi_of_the_start_position_says_so(name):
    moves = " ".join(["", "moves", *ENDINGS[name]["moves"]]) if ENDINGS[name]["moves"] else ""

    assert as_text(Game.of(ENDINGS[name]), "usi") == f"position startpos{moves}\n"
