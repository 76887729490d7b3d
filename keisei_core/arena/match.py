"""A match of paired games: every random opening is played twice, once with each colour, all games at once.

Shape key: G games, P = G / 2 pairs; games 2p and 2p + 1 share an opening, from which the first player moves first in
game 2p and the second player in game 2p + 1.
"""

import numpy as np
from numpy.typing import NDArray

from keisei_core.arena.player import Player
from keisei_core.arena.score import Score, pair_interval
from keisei_core.shogi import Ending, Games, Starts


def play_match(
    first: Player, second: Player, *, num_games: int, max_plies: int, opening_plies: int, seed: int
) -> Score:
    """Plays the games and returns the first player's score.

    Args:
        first: asked for the moves of one side of every game.
        second: asked for the other side's.
        num_games: an even number.
        max_plies: a game this long is cut off, and counted apart from draws.
        opening_plies: an opening is 0 to this many random plies from the start position.
        seed: of the openings; the players have their own.

    Raises:
        ValueError: an odd number of games.
    """
    if num_games < 2 or num_games % 2:
        raise ValueError(f"num_games must be even and at least 2, got {num_games}; each opening is played twice")
    games = paired_games(num_games, max_plies=max_plies, opening_plies=opening_plies, seed=seed)
    points, ending = play_out(games, first, second)
    low, high = pair_interval(points.reshape(-1, 2).mean(axis=1))
    was_cut = ending == Ending.MAX_PLIES
    return Score(
        wins=int((points == 1).sum()),
        draws=int(((points == 0.5) & ~was_cut).sum()),
        losses=int((points == 0).sum()),
        truncated=int(was_cut.sum()),
        low=low,
        high=high,
    )


def paired_games(num_games: int, *, max_plies: int, opening_plies: int, seed: int) -> Games:
    """Returns games that stand at random openings, the same one in games 2p and 2p + 1."""
    starts = Starts.standard(random_plies=opening_plies)
    openings = Games(num_games // 2, max_plies=max_plies, starts=starts, seed=seed).state()
    games = Games(num_games, max_plies=max_plies, starts=starts, seed=seed)
    games.load_state({name: np.repeat(array, 2, axis=0) for name, array in openings.items()})
    return games


def play_out(games: Games, first: Player, second: Player) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Plays every game to its end.

    Returns:
        points: float64 [G], the first player's: 1, 1/2 or 0.
        ending: uint8 [G], `Ending` of each game.
    """
    num_games = len(games.positions)
    points, ending = np.zeros(num_games), np.zeros(num_games, np.uint8)
    to_move = np.arange(num_games) % 2
    """0 where the first player is to move."""
    while (running := ending == Ending.NONE).any():
        actions = np.full(num_games, -1, np.int32)
        for seat, player in enumerate((first, second)):
            rows = np.flatnonzero(running & (to_move == seat))
            if len(rows):
                actions[rows] = player.choose(games.positions[rows], games.legal[rows])
        games.step(actions, reset=False)
        for row in np.flatnonzero(games.ending):
            ending[row] = games.ending[row]
            gained = Ending(int(ending[row])).points
            points[row] = gained if to_move[row] == 0 else 1 - gained
        to_move = 1 - to_move
    return points, ending
