"""What engines are told in each protocol, and how their answers are read."""

import pytest

from keisei_core.arena import FollowedGame, Forfeit
from keisei_core.shogi import START_SFEN, Games, action_to_usi, legal_mask, parse_sfen
from keisei_plugins_usi.opponents.xboard import from_usi, to_usi

PAWN_IN_HAND = "4k4/9/9/9/9/9/9/9/4K4 b P 1"


def answer_of(player, start=START_SFEN, moves=(), number=7):
    games = Games(1)
    position = parse_sfen(start) if start != START_SFEN else games.positions
    game = FollowedGame(number=number, start=start, moves=moves)
    (answer,) = player.choose(position, legal_mask(position), [game])
    return answer if isinstance(answer, Forfeit) else action_to_usi(position, answer)


def heard(player, **settings):
    """Returns what an engine that echoes its commands was told since it was asked last."""
    words = answer_of(player, **settings).last_words
    last = max(number for number, word in enumerate(words) if word == "bestmove none")
    before = [number for number, word in enumerate(words[:last]) if word == "bestmove none"]
    told = words[max(before, default=0) : last]
    return [word.removeprefix("info string got ") for word in told if word.startswith("info string got ")]


def test_engine_is_told_its_options_and_every_game_from_its_start(bad):
    player = bad("echoes", options={"Skill Level": -5, "USI_Ponder": False}, go="nodes 100")

    assert heard(player, moves=("7g7f", "3c3d")) == [
        "usi",
        "setoption name Skill Level value -5",
        "setoption name USI_Ponder value false",
        "isready",
        "usinewgame",
        "position startpos moves 7g7f 3c3d",
        "go nodes 100",
    ]
    player.game_over(FollowedGame(number=7, start=START_SFEN), 0.5)
    assert heard(player, start=PAWN_IN_HAND, number=8) == [
        "gameover draw",
        "usinewgame",
        f"position sfen {PAWN_IN_HAND}",
        "go nodes 100",
    ]


def test_game_that_goes_on_is_not_begun_again(bad):
    player = bad("echoes")
    heard(player, moves=())
    assert heard(player, moves=("7g7f", "3c3d")) == ["position startpos moves 7g7f 3c3d", "go depth 1"]


@pytest.mark.parametrize(("points", "told"), [(1.0, "win"), (0.0, "lose"), (0.5, "draw")])
def test_engine_is_told_what_came_of_a_game(bad, points, told):
    player = bad("echoes")
    heard(player)
    player.game_over(FollowedGame(number=7, start=START_SFEN), points)
    assert f"gameover {told}" in heard(player)


def test_byoyomi_stands_beside_a_clock_without_time(bad):
    assert heard(bad("echoes", go="byoyomi 100"))[-1] == "go btime 0 wtime 0 byoyomi 100"


def test_drops_are_written_and_read_as_the_engine_has_them(bad):
    assert heard(bad("echoes", drops="@"), moves=("P*5e", "5a5b"))[-2] == "position startpos moves P@5e 5a5b"
    assert answer_of(bad("drops", drops="@"), start=PAWN_IN_HAND) == "P*5e"
    assert isinstance(answer_of(bad("drops"), start=PAWN_IN_HAND), Forfeit)


@pytest.mark.parametrize(
    ("usi", "xboard"),
    [("7g7f", "c3c4"), ("2g2f", "h3h4"), ("8h2b+", "b2h8+"), ("P*5e", "P@e5"), ("1a9i", "i9a1"), ("9i1a", "a1i9")],
)
def test_moves_of_xboard_have_letters_from_the_left_and_ranks_from_below(usi, xboard):
    assert from_usi(usi) == xboard
    assert to_usi(xboard) == usi


@pytest.mark.parametrize("text", ["", "e", "e2", "resigns", "O-O", "12"])
def test_what_is_no_move_of_xboard_stays_as_it_is(text):
    assert to_usi(text) == text
