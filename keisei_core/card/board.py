"""The position on the card: the end of a game that the network played."""

from collections.abc import Sequence
from typing import Final

from keisei_core.card.private import player_without_paths
from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.errors import ConfigError
from keisei_core.picture import Picture
from keisei_core.records import Game

START: Final = {"sfen": NAMED_STARTS["startpos"], "last_move": "", "caption": "The start; none of its games is known."}
MATE: Final = "mate"


def end_of_a_game(games: Sequence[Game], update: int | None) -> dict[str, str]:
    """Returns position, last move and caption of a game: if one is there, of the newest that the network won by mate.

    Args:
        games: of the network's run, oldest first; those that can't be replayed are passed over.
        update: of the network; the caption names another that a game was played after.
    """
    ordered = sorted(games, key=_worth)
    for game in reversed(ordered):
        try:
            return {"sfen": game.end, "last_move": game.moves[-1], "caption": _caption(game, update)}
        except (ConfigError, IndexError):
            continue
    return dict(START)


def board_svg(board: dict[str, str]) -> str:
    """Draws what `end_of_a_game` gives."""
    return Picture(board["sfen"], board["last_move"]).svg()


def _worth(game: Game) -> tuple[bool, bool, int]:
    """Orders games: won by mate first, then those of matches, then the newest."""
    is_match = bool(game.first)
    won = game.ending == MATE and (not is_match or game.winner == game.first)
    return won, is_match, game.update or 0


def _caption(game: Game, update: int | None) -> str:
    plies = f"after {len(game.moves)} plies"
    when = "" if game.update == update else f" after update {game.update}"
    if not game.first:
        return f"The end of a game against itself{when}: {game.ending_name} {plies}."
    opponent = player_without_paths(game.white if game.first == "black" else game.black)
    became = "won" if game.winner == game.first else "lost" if game.winner else "drew"
    how = f"{became}{when} as {game.first.title()}"
    return f"The end of a game that it {how} against {opponent}: {game.ending_name} {plies}."
