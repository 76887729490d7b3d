"""Games of matches as lines of a games file, which `keisei_core.records` reads."""

from typing import Any

import numpy as np

from keisei_core.arena.parallel_games import FinishedGame
from keisei_core.shogi import START_SFEN, Games, action_to_usi


def match_record(game: FinishedGame, first: str, second: str) -> dict[str, Any]:
    """Returns a game of a match as one line of a games file.

    Args:
        game: as the match gave it.
        first, second: names of the players.
    """
    black, white = (first, second) if game.first_is_black else (second, first)
    winner = ""
    if game.ending.is_decisive:
        winner = "black" if (game.points == 1) == game.first_is_black else "white"
    return {
        "game": game.number,
        "black": black,
        "white": white,
        "sfen": START_SFEN,
        "opening_plies": game.opening_plies,
        "moves": moves_in_usi(game.actions.tolist()),
        "ending": game.ended_by,
        "winner": winner,
    }


def moves_in_usi(actions: list[int]) -> list[str]:
    """Writes the moves of a game from the start position in USI."""
    games = Games(1, max_plies=len(actions) + 1)
    moves = []
    for action in actions:
        moves.append(action_to_usi(games.positions, action))
        games.step(np.array([action], np.int32), reset=False)
    return moves
