"""Searching many positions for learning.

Shape key: G positions, A = 2,187 actions.
"""

import numpy as np

from keisei_core.evaluate import Evaluator
from keisei_core.shogi import Branches, UInt8Array
from keisei_plugins_search.findings import Findings
from keisei_plugins_search.root_noise import add_noise
from keisei_plugins_search.search import Search, SearchSettings
from keisei_plugins_search.training_options import TrainingSearchOptions


def look_ahead(
    evaluator: Evaluator,
    roots: Branches,
    legal: UInt8Array,
    options: TrainingSearchOptions,
    *,
    noise: float = 0.0,
    random: np.random.Generator | None = None,
) -> Findings:
    """Searches positions side by side; see `planted`."""
    return planted(evaluator, roots, legal, options, noise=noise, random=random).run()


def planted(
    evaluator: Evaluator,
    roots: Branches,
    legal: UInt8Array,
    options: TrainingSearchOptions,
    *,
    noise: float = 0.0,
    random: np.random.Generator | None = None,
) -> Search:
    """Begins to search positions side by side.

    Args:
        evaluator: the network, in its eval mode.
        roots: G branches that go on.
        legal: uint8 [G, A].
        options: how.
        noise: PUCT: share of noise in the roots' probabilities.
        random: of the noise, that of Gumbel's candidates too; None searches without any.
    """
    settings = SearchSettings(
        moves=options.moves,
        discount=options.discount,
        algorithm=options.algorithm,
        c_puct=options.c_puct,
        fpu=options.fpu,
        candidates=min(options.candidates, options.moves),
        c_scale=options.c_scale,
        mate_nodes=options.mate_nodes,
    )
    simulations = np.full(len(roots), options.simulations, np.int32)
    gumbels = None
    if random is not None and settings.halves:
        gumbels = random.gumbel(size=legal.shape).astype(np.float32)
    search = Search(evaluator, roots, legal, simulations, settings, gumbels)
    if random is not None and noise and not settings.halves:
        add_noise(search, noise, random)
    return search
