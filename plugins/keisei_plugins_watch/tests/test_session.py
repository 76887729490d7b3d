"""A game in the browser, as the server has it: the rules' own, beside what rsshogi says of the same."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from opponents import WAIT_S, Failing, Follower, Stubborn, Told, Watched, random_player, watched
from rsshogi.core import Board
from rsshogi.record import Record

from keisei_core.arena import Forfeit, ForfeitKind
from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.errors import ConfigError, KeiseiError, SfenError
from keisei_core.records import as_text
from keisei_plugins_watch.game import session

MATE_IN_ONE = "4k4/9/4P4/9/9/9/9/9/4K4 b G 1"
SHUFFLE = ("5i5h", "5h5i")
REPLIES = ("5a5b", "5b5a")
BARE = "4k4/9/9/9/9/9/9/9/4K4 b P 1"
CHECKS = "k8/9/9/9/9/9/9/9/K7R b - 1"


@pytest.fixture
def begun() -> Iterator[Callable[..., Watched]]:
    """Begins games, and ends them with their test."""
    with ExitStack() as stack:

        def make(player: Any, **settings: Any) -> Watched:
            made = watched(player, **settings)
            stack.callback(made.session.close)
            return made

        yield make


def test_legal_moves_are_those_of_rsshogi_through_a_whole_game(begun):
    game = begun(random_player(), colour="black")
    view = game.yours()
    for _ in range(60):
        board = Board(view["sfen"])
        assert sorted(view["legal"]) == sorted(str(move) for move in board.legal_moves())
        assert view["in_check"] == board.is_in_check()
        if view["ending"]:
            break
        view = game.play(view["legal"][len(view["legal"]) // 2])
        replayed = Board(view["start_sfen"])
        for usi in view["moves"]:
            replayed.apply_usi(usi)
        assert replayed.to_sfen() == view["sfen"]


def test_mate_ends_the_game_for_the_person(begun):
    view = begun(random_player(), start=MATE_IN_ONE).play("G*5b")

    assert (view["ending"], view["winner"], view["legal"], view["thinks"]) == ("mate", "black", [], False)


def test_mate_by_the_opponent_is_its_win(begun):
    view = begun(Told("G*5b"), start=MATE_IN_ONE, colour="white").yours()

    assert (view["ending"], view["winner"], view["moves"]) == ("mate", "black", ["G*5b"])


def test_fourth_time_of_a_position_is_a_draw(begun):
    view = begun(Told(*REPLIES * 3), start=BARE).play(*SHUFFLE * 3)

    assert (view["ending"], view["winner"], len(view["moves"])) == ("repetition", "", 12)


def test_perpetual_check_loses(begun):
    checks = ("1i1a", "1a1b", "1b1a", "1a1b", "1b1a", "1a1b", "1b1a", "1a1b")
    game = begun(Told("9a9b", "9b9a", "9a9b", "9b9a", "9a9b", "9b9a", "9a9b"), start=CHECKS)

    view = game.play(*checks[:7])

    assert (view["ending"], view["winner"]) == ("perpetual_check_by_mover", "white")


def test_declaration_is_judged_by_the_rules(begun):
    # 28 points for Black: ten others in the camp, king there, no check; White moves, then Black may declare.
    camp = "+R+R+B+BK4/GGGGSSSS1/9/9/9/9/9/9/8k w 4N4L18P 1"
    game = begun(Told("1i1h"), start=camp, colour="black")

    view = game.yours()

    assert (view["ending"], view["winner"], view["moves"]) == ("declaration", "black", ["1i1h"])


@pytest.mark.parametrize("name", NAMED_STARTS)
def test_every_named_start_can_be_played_from(begun, name):
    view = begun(random_player(), start=name, colour="white").until(lambda game: game["legal"])

    assert (view["start"], view["start_sfen"]) == (name, NAMED_STARTS[name])
    assert view["turn"] == "white"


def test_moves_behind_a_start_are_played_first(begun):
    view = begun(random_player(), start="startpos moves 7g7f 3c3d").yours()

    assert (view["moves"], view["turn"]) == (["7g7f", "3c3d"], "black")


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"start": "4k4/9 b - 1"}, SfenError),
        ({"start": "startpos moves 7g7e"}, ConfigError),
        ({"start": 3}, KeiseiError),
        ({"colour": "red"}, ConfigError),
        ({"simulations": -1}, ConfigError),
        ({"simulations": True}, ConfigError),
        ({"simulations": 10**9}, ConfigError),
    ],
)
def test_wrong_setup_is_refused_and_the_game_stays(begun, asked, error):
    game = begun(Told())
    before = game.play("7g7f")

    with pytest.raises(error):
        game.session.begin(asked)

    assert game.session.view()["game"]["moves"] == before["moves"]


def test_either_colour_is_drawn(begun):
    colours = {begun(Told(), colour="either").session.setup.colour for _ in range(40)}

    assert colours == {"black", "white"}


def test_illegal_move_is_refused(begun):
    game = begun(Told())
    game.yours()

    for usi in ("7g7e", "banana", "", "3c3d", "P*5e"):
        with pytest.raises(ConfigError):
            game.session.play(usi, 0)
    assert game.session.view()["game"]["moves"] == []


def test_move_of_a_tab_that_saw_another_game_is_refused(begun):
    game = begun(Told("3c3d"))
    game.play("7g7f")

    with pytest.raises(ConfigError, match="has 2 moves by now, got a move for ply 0"):
        game.session.play("2g2f", 0)


def test_take_back_gives_the_last_choice_again(begun):
    game = begun(Told("3c3d", "8c8d", "4c4d"))
    game.play("7g7f", "2g2f")

    game.session.take_back()

    assert game.yours()["moves"] == ["7g7f", "3c3d"]
    assert game.play("6g6f")["moves"] == ["7g7f", "3c3d", "6g6f", "4c4d"]


def test_take_back_while_it_thinks_stops_it_and_its_move_is_not_played(begun):
    player = Told()
    game = begun(player)
    game.yours()
    player.may.clear()
    game.session.play("7g7f", 0)
    assert player.is_asked.wait(WAIT_S)

    game.session.take_back()
    assert player.is_stopped.wait(WAIT_S)
    player.may.set()
    game.session.hints().result()  # which is asked once what was stopped has ended

    assert game.session.view()["game"]["moves"] == []
    assert game.session.values == {}
    assert game.play("2g2f")["moves"][0] == "2g2f"


def test_take_back_of_a_mate_goes_on(begun):
    game = begun(random_player(), start=MATE_IN_ONE)
    game.play("G*5b")

    game.session.take_back()

    assert game.yours()["ending"] == ""


def test_nothing_to_take_back_is_told(begun):
    game = begun(Told("7g7f"), colour="white")
    game.yours()

    with pytest.raises(ConfigError, match="no move of yours"):
        game.session.take_back()


def test_resignation_while_it_thinks_is_refused_and_stands_after_take_back(begun):
    player = Told("3c3d")
    game = begun(player)
    game.play("7g7f")
    player.may.clear()
    game.session.play("2g2f", 2)

    with pytest.raises(ConfigError, match="white's turn, not yours"):
        game.session.resign()
    game.session.take_back()
    game.session.resign()
    player.may.set()

    view = game.session.view()["game"]
    assert (view["ending"], view["winner"], view["thinks"]) == ("resignation", "white", False)
    kif, csa = (as_text(game.session.record(), form) for form in ("kif", "csa"))
    assert Record.from_kif_str(kif).result.is_white_win()
    assert Record.from_csa_str(csa).result.is_white_win()
    with pytest.raises(ConfigError, match="over by resignation"):
        game.session.resign()


def test_simulations_are_what_the_page_asks_for_at_each_move(begun):
    player = Told()
    game = begun(player, searches=True, simulations=16)

    view = game.play("7g7f")
    game.session.change_strength({"simulations": 256})
    game.play(view["legal"][0])

    assert player.asked == [16, 256]


def test_program_from_outside_gets_the_whole_game_and_its_resignation_counts(begun):
    player = Follower("3c3d", Forfeit(kind=ForfeitKind.RESIGNATION))

    view = begun(player).play("7g7f", "2g2f")

    assert (view["ending"], view["winner"]) == ("resignation", "black")
    assert [game.moves for game in player.games] == [("7g7f",), ("7g7f", "3c3d", "2g2f")]


@pytest.mark.parametrize("error", [ConfigError(["no engine"]), ValueError("no engine")], ids=["told", "a fault"])
def test_player_that_fails_is_told_and_may_be_asked_again(begun, error):
    game = begun(Failing(error))
    game.yours()
    game.session.play("7g7f", 0)
    game.until(lambda view: not view["thinks"])
    assert "no engine" in game.session.view()["problem"]

    game.session.try_again()
    with pytest.raises(ConfigError, match="has not failed"):
        game.session.try_again()

    assert len(game.yours()["moves"]) == 2
    assert game.session.view()["problem"] == ""


def test_player_that_can_not_be_stopped_is_closed_as_it_chooses(monkeypatch):
    monkeypatch.setattr(session, "PATIENCE_S", 0.05)
    player = Stubborn()
    game = watched(player, colour="white")
    assert player.is_asked.wait(WAIT_S)

    game.session.close()

    assert player.is_closed.is_set()
    assert game.session.view()["game"]["moves"] == []


def test_values_are_kept_by_ply_as_the_opponent_saw_them(begun):
    game = begun(Told("3c3d", "8c8d"))
    game.play("7g7f", "2g2f")

    assert game.session.view()["game"]["values"] == [None, 0.25, None, 0.25, None]
    game.session.take_back()
    assert game.session.view()["game"]["values"] == [None, 0.25, None]


def test_hint_of_a_player_without_a_network_is_the_move_that_it_would_play(begun):
    game = begun(Told("3c3d", "2g2f"))
    game.play("7g7f")

    assert [(hint.move, hint.share) for hint in game.session.hints().result()] == [("2g2f", None)]


@pytest.mark.parametrize(("form", "read"), [("kif", Record.from_kif_str), ("csa", Record.from_csa_str)])
def test_record_is_read_back_finished_or_not(begun, form, read):
    game = begun(Told("3c3d", "2b8h+"))
    view = game.play("7g7f", "2g2f")
    for is_finished in (False, True):
        if is_finished:
            game.session.resign()
        record = game.session.record()

        assert [str(move.move) for move in read(as_text(record, form)).moves] == view["moves"]
        assert (record.black, record.white, record.ending) == (
            "Human",
            "toy @0123",
            "resignation" if is_finished else "none",
        )
