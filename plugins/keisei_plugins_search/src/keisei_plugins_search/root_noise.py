"""Noise on the probabilities of roots, so that self-play looks at moves which the policy does not like.

Shape key: G games, K edges.
"""

from typing import Final

import numpy as np

from keisei_plugins_search.search import Search

CONCENTRATION: Final = 10.0
"""Of the Dirichlet distribution, shared by the legal moves; AlphaZero's .3 for chess, .15 for Shogi and .03 for Go come
to about as much."""


def add_noise(search: Search, share: float, random: np.random.Generator) -> None:
    """Mixes the probabilities of the roots' edges with Dirichlet noise and sorts the edges anew.

    Silver et al., "A general reinforcement learning algorithm that masters chess, shogi, and Go through self-play"
    (2018). What the network itself said of the root stays in its logits.

    Args:
        search: not begun; changed in place.
        share: of the noise in the mixture.
        random: consumed.
    """
    nodes, num_edges = search.nodes, search.rules.num_edges
    action, prior = (array.reshape(-1, num_edges) for array in (nodes.action, nodes.prior))
    roots = search.roots
    is_edge = np.arange(num_edges) < nodes.num_edges[roots][:, None]
    weight = random.standard_gamma(CONCENTRATION / nodes.num_moves[roots][:, None], is_edge.shape)
    weight = np.where(is_edge, np.maximum(weight, np.finfo(np.float64).tiny), 0)
    known = np.where(is_edge, prior[roots], 0).astype(np.float64)
    noise = weight / weight.sum(axis=1, keepdims=True) * known.sum(axis=1, keepdims=True)
    mixed = (1 - share) * known + share * noise
    order = np.argsort(np.where(is_edge, -mixed, np.inf), axis=1, kind="stable")
    action[roots] = np.take_along_axis(action[roots], order, 1)
    prior[roots] = np.take_along_axis(mixed, order, 1).astype(np.float32)
