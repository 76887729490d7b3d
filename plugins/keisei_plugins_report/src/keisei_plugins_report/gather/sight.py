"""What the network saw in the games that are shown: mates in one, pieces left hanging."""

from collections.abc import Sequence
from typing import Any

from keisei_core.records import Game


def sight_of(games: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Counts over the network's own moves of some games, as `game_data` gives them."""
    return {
        "moves": sum(_own_plies(game) for game in games),
        "mates": sum(game["mates"] for game in games),
        "missed": sum(len(game["missed"]) for game in games),
        "hanging": sum(len(game["hanging"]) for game in games),
    }


def _own_plies(game: dict[str, Any]) -> int:
    """Returns how many moves of a game the network made: all of self-play."""
    if not game["first"]:
        return len(game["moves"])
    return (len(game["moves"]) + Game.of(game).first_begins) // 2
