"""Searches a position with a network that knows nothing, and for mates, so that `keisei warm` compiles the kernels."""

from typing import cast

import numpy as np
import torch
from torch import Tensor

from keisei_core.evaluate import Evaluator
from keisei_core.shogi import NUM_ACTIONS, Branches, Games, Positions
from keisei_plugins_search.mate_search import prove_mates
from keisei_plugins_search.search import Search, SearchSettings
from keisei_plugins_search.subtree import subtree


class KnowsNothing:
    """Stands in for an evaluator: every move is as good, every position even."""

    def raw(self, positions: Positions) -> tuple[Tensor, Tensor]:
        """Returns logits [N, 2187] and values [N], all 0."""
        return torch.zeros(len(positions), NUM_ACTIONS), torch.zeros(len(positions))


def search() -> None:
    """Searches the start position in both ways, and goes on from a part of the tree."""
    games = Games(1, max_plies=8)
    for algorithm in ("puct", "gumbel"):
        roots, settings = Branches.of_games(games, np.arange(1)), SearchSettings(algorithm=algorithm)
        evaluator = cast(Evaluator, KnowsNothing())
        searched = Search(evaluator, roots, games.legal, np.full(1, 4, np.int32), settings)
        searched.run().best_moves()
        subtree(searched.nodes, 0, int(searched.progress.num_nodes[0]))


def mates() -> None:
    """Looks for mates in the start position."""
    prove_mates(Branches.of_games(Games(1, max_plies=8), np.arange(1)), np.arange(1), max_nodes=1)
