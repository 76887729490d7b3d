"""Games as a person reads them: start, moves in USI, how they ended; and as KIF or CSA through rsshogi."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from rsshogi.record import GameResult, Record, RecordMetadata

from keisei_core.arena.parallel_games import FinishedGame
from keisei_core.errors import ConfigError
from keisei_core.shogi import START_SFEN, Ending, Games, action_to_usi

FORMATS: Final = ("kif", "csa", "usi")


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
        "ending": game.ending.name.lower(),
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


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """Yields the games of a games file, of a match or of self-play.

    Raises:
        ConfigError: the file can't be read, or a line is no game.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: expected a file of games, one JSON object a line ({error})"]) from error
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
            complete = all(isinstance(record[key], str) for key in ("sfen", "ending", "winner"))
            complete = complete and all(isinstance(move, str) for move in record["moves"])
        except (ValueError, KeyError, TypeError):
            complete = False
        if not complete:
            raise ConfigError([f"{path}: line {number}: expected a game with sfen, moves, ending and winner"])
        yield record


def as_text(record: Mapping[str, Any], form: str) -> str:
    """Writes a game in one of `FORMATS`; usi is what follows `position` on an engine's input.

    Raises:
        ConfigError: the moves are not those of a game from its start.
    """
    metadata = RecordMetadata(black_player=record.get("black"), white_player=record.get("white"))
    try:
        game = Record.from_usi_main_line(record["sfen"], record["moves"], _result(record), metadata=metadata)
    except ValueError as error:
        raise ConfigError([f"expected a game whose moves can be played, got one where they can't: {error}"]) from error
    if form == "usi":
        return str(game.to_usi_position())
    return str(game.to_kif() if form == "kif" else game.to_csa())


def _result(record: Mapping[str, Any]) -> GameResult:
    """Returns the result in rsshogi's words; whoever checks for ever loses by an illegal move."""
    winner, ending = record["winner"], record["ending"]
    draws = {"repetition": GameResult.DRAW_BY_REPETITION, "max_plies": GameResult.DRAW_BY_MAX_PLIES}
    if winner not in ("black", "white"):
        return draws.get(ending, GameResult.PAUSED)
    kinds = {Ending.MATE.name.lower(): "", Ending.DECLARATION.name.lower(): "_BY_DECLARATION"}
    name = f"{winner.upper()}_WIN{kinds.get(ending, '_BY_ILLEGAL_MOVE')}"
    result: GameResult = getattr(GameResult, name)
    return result
