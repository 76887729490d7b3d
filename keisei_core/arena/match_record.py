"""Games of matches as lines of a games file, which `keisei_core.records` reads."""

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.arena.openings import NO_ACTION
from keisei_core.arena.parallel_games import FinishedGame
from keisei_core.records import short_name
from keisei_core.shogi import START_SFEN, Games, action_to_usi

DECIMALS: Final = 3
"""Of a value."""


def match_records(games: Sequence[FinishedGame], first: str, second: str) -> list[dict[str, Any]]:
    """Returns games of a match, each as one line of a games file.

    Args:
        games: as the match gave them.
        first, second: names of the players; folders in them are left out, for files are passed on.
    """
    names = short_name(first), short_name(second)
    return [_record(game, names, moves) for game, moves in zip(games, moves_in_usi(games), strict=True)]


def _record(game: FinishedGame, names: tuple[str, str], moves: list[str]) -> dict[str, Any]:
    black, white = names if game.first_is_black else names[::-1]
    winner = ""
    if game.ending.is_decisive:
        winner = "black" if (game.points == 1) == game.first_is_black else "white"
    record = {
        "game": game.number,
        "first": "black" if game.first_is_black else "white",
        "black": black,
        "white": white,
        "sfen": START_SFEN,
        "opening_plies": game.opening_plies,
        "moves": moves,
        "ending": game.ended_by,
        "winner": winner,
    }
    return record if np.isnan(game.values).all() else record | {"values": _written(game.values)}


def _written(values: NDArray[np.float32]) -> list[float | None]:
    """Returns values as JSON can have them: none of a ply of which nobody told one."""
    return [None if math.isnan(value) else round(value, DECIMALS) for value in values.tolist()]


def moves_in_usi(games: Sequence[FinishedGame]) -> list[list[str]]:
    """Writes the moves of games from the start position in USI, all games side by side."""
    moves: list[list[str]] = [[] for _ in games]
    if not games:
        return moves
    num_plies = max(len(game.actions) for game in games)
    board = Games(len(games), max_plies=num_plies + 1)
    for ply in range(num_plies):
        actions = [int(game.actions[ply]) if ply < len(game.actions) else NO_ACTION for game in games]
        for row, action in enumerate(actions):
            if action != NO_ACTION:
                moves[row].append(action_to_usi(board.positions, action, row))
        board.step(np.array(actions, np.int32), reset=False)
    return moves
