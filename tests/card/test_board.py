"""Which game's end is on the card, and what its caption says."""

from keisei_core.card.board import end_of_a_game
from keisei_core.records import Game

START = "lnsgkgsnl/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL b - 1"


def won(white: str, update: int, *moves: str) -> Game:
    return Game(
        sfen=START, moves=moves, ending="mate", winner="black", black="mine", white=white, first="black", update=update
    )


def test_of_games_won_after_the_same_update_the_newest_is_shown() -> None:
    games = [won("random", 40, "7g7f"), won("alphabeta", 40, "2g2f"), won("random", 30, "2h1h")]

    board = end_of_a_game(games, 40)

    assert board["last_move"] == "2g2f"
    assert board["caption"].startswith("The end of a game that it won as Black against alphabeta: ")


def test_match_of_an_earlier_network_is_told_with_its_update() -> None:
    assert (
        " it won after update 30 as Black against random: " in end_of_a_game([won("random", 30, "7g7f")], 40)["caption"]
    )
