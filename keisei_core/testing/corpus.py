"""Positions that planes and networks are tried on: hard ones written by hand, and some from random games."""

from functools import cache
from typing import Final

import numpy as np

from keisei_core.shogi import Games, Positions, Starts
from keisei_core.shogi.hard_positions import HARD_SFENS, hard_positions
from keisei_core.shogi.starts import join

NUM_GAMES: Final = 16
PLIES: Final = (1, 2, 7, 30, 31, 90, 180)


def corpus(history: int = 0) -> Positions:
    """Returns the hard positions, then positions from random games: every time a fresh copy of the same.

    Some of the latter say that they stood before in their game, as many times as a position may.

    Args:
        history: earlier positions beside each; the hard positions have none, so theirs are all 0.
    """
    positions = _positions(history)
    return positions[np.arange(len(positions))]


@cache
def _positions(history: int) -> Positions:
    positions = join([hard_positions(history), *_from_random_games(history)])
    from_games = slice(len(HARD_SFENS), None)
    positions.repetition[from_games] = np.arange(len(positions))[from_games] % 4
    return positions


def _from_random_games(history: int) -> list[Positions]:
    games = Games(NUM_GAMES, starts=Starts.standard(mirror=True), seed=1, history=history)
    found = []
    for ply in range(max(PLIES)):
        games.step(games.sample())
        if ply + 1 in PLIES:
            found.append(games.positions[np.arange(NUM_GAMES)])
    return found
