"""Positions of finished games with their results, and what a network's value makes of them.

Shape key: N positions, G games.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from keisei_core.arena.parallel_games import FinishedGame
from keisei_core.arena.value_quality import Float64Array, ValueQuality
from keisei_core.evaluate import Evaluator
from keisei_core.shogi import BLACK, START_SFEN, Branches, Ending, Positions, material, parse_sfen
from keisei_core.shogi.games import MAX_MAX_PLIES

MOST: Final = 2_048
"""Positions looked at: as many as a network evaluates in half a second or so; those of a game are much alike."""
BATCH: Final = 256
SEED: Final = 0


def value_quality(evaluator: Evaluator, games: Sequence[FinishedGame]) -> ValueQuality | None:
    """Compares a network's values with the results of games, both sides' positions alike.

    Args:
        evaluator: the network; put into its eval mode.
        games: whoever played them; those cut off have no result.

    Returns:
        None where no game has a result.
    """
    decided = [game for game in games if game.ending is not Ending.MAX_PLIES and len(game.actions) > game.opening_plies]
    if not decided:
        return None
    positions, results = sampled(decided, evaluator.features.needs.history)
    evaluator.network.eval()
    batches = [positions[first : first + BATCH] for first in range(0, len(positions), BATCH)]
    values = np.concatenate([evaluator.raw(batch)[1].float().cpu().numpy().clip(-1, 1) for batch in batches])
    return ValueQuality.of(values, material(positions), results)


def sampled(games: Sequence[FinishedGame], num_earlier: int, most: int = MOST) -> tuple[Positions, Float64Array]:
    """Draws positions in which somebody moved, after the openings, each as likely as any other.

    Args:
        games: G games with results and plies after their openings.
        num_earlier: earlier positions that come with each.
        most: N at most.

    Returns:
        N positions, and float64 [N] the result for their movers: 1, 0 or -1.
    """
    places = np.array(
        [(row, ply) for row, game in enumerate(games) for ply in range(game.opening_plies, len(game.actions))]
    )
    chosen = np.random.default_rng(SEED).permutation(len(places))[:most]
    wanted = {ply: places[chosen][places[chosen, 1] == ply, 0] for ply in np.unique(places[chosen, 1]).tolist()}
    start = parse_sfen(START_SFEN).with_history(num_earlier)
    branches = Branches.of_positions(start[np.zeros(len(games), np.int64)], MAX_MAX_PLIES)
    black = np.array([(2 * game.points - 1) * (1 if game.first_is_black else -1) for game in games])
    positions, results = [], []
    for ply in range(max(wanted) + 1):
        if ply in wanted:
            met = branches.positions[wanted[ply]]
            positions.append(met)
            results.append(np.where(met.side_to_move == BLACK, black[wanted[ply]], -black[wanted[ply]]))
        branches.play(np.array([game.actions[ply] if ply < len(game.actions) else -1 for game in games], np.int32))
    return Positions.concatenate(positions), np.concatenate(results)
