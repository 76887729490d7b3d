"""The player `search`: a trained network that looks ahead.

Shape key: N positions, A = 2,187 actions.
"""

import logging
from pathlib import Path

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.arena import Limits, PlayerContext, Stop, Tell, Thought, find_network
from keisei_core.errors import ConfigError
from keisei_core.evaluate import Evaluator
from keisei_core.plugins import load_registry
from keisei_core.shogi import Branches, Positions
from keisei_core.shogi.games import MAX_MAX_PLIES
from keisei_plugins_search.options import SearchOptions
from keisei_plugins_search.search import Search, SearchSettings, parts
from keisei_plugins_search.thinking import Thinking

logger = logging.getLogger("keisei")


class SearchPlayer:
    """Plays the move that a search looked at most."""

    knows_past = True

    def __init__(self, context: PlayerContext, options: SearchOptions) -> None:
        """Reads the network; the search draws nothing, so the seed does not matter.

        Raises:
            ConfigError: no network is given.
            CheckpointError: no good network is there.
            PluginError: it was made from a plugin that is not installed.
        """
        if not options.network:
            raise ConfigError(["player 'search': expected a network; write search:network=RUN"])
        network = find_network(Path(options.network), logger.warning)
        self.evaluator: Evaluator = network.evaluator(load_registry(), context.device, options.precision)
        self.needs = self.evaluator.features.needs
        self.options = options
        self.values: NDArray[np.float32] | None = None
        """float32 [N], see `Player`: of the positions by the search."""
        self.settings = SearchSettings(
            moves=options.moves,
            leaves=options.leaves,
            discount=options.discount,
            algorithm=options.algorithm,
            c_puct=options.c_puct,
            fpu=options.fpu,
            candidates=options.candidates,
            c_visit=options.c_visit,
            c_scale=options.c_scale,
            mate_nodes=options.mate_nodes,
            leaf_mate_nodes=options.leaf_mate_nodes,
        )
        alone = attrs.evolve(self.settings, leaves=options.think_leaves, knows_limit=False)
        self.thinking = Thinking(self.evaluator, alone, options.think_nodes, options.think_cache)

    def choose(
        self, positions: Positions, legal: NDArray[np.uint8], games: Branches | None = None
    ) -> NDArray[np.int32]:
        """Chooses for each position; see `Player.choose`.

        Args:
            positions: N positions.
            legal: uint8 [N, A].
            games: the same positions with the past of their games, where it is known.
        """
        self.evaluator.network.eval()
        if games is None:
            games = Branches.of_positions(positions, MAX_MAX_PLIES)
        chosen, values = np.zeros(len(positions), np.int32), np.zeros(len(positions), np.float32)
        for rows in parts(len(positions), self.options.simulations, self.options.at_once):
            chosen[rows], values[rows] = self._choose(games.copy(rows), legal[rows])
        self.values = values
        return chosen

    def think(self, position: Positions, past: Branches | None, limits: Limits, stop: Stop, tell: Tell) -> Thought:
        """Thinks about one game; see `keisei_core.arena.Thinker`. The tree is kept for when the game has gone on."""
        self.evaluator.network.eval()
        return self.thinking.think(position, past, limits, stop, tell)

    def _choose(self, games: Branches, legal: NDArray[np.uint8]) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
        """Searches side by side; where there is one move only, there is nothing to look for.

        Returns:
            Moves, int32 [N], and what the positions are worth to their movers, float64 [N].
        """
        simulations = np.where(legal.sum(axis=1, dtype=np.int32) > 1, self.options.simulations, 0).astype(np.int32)
        findings = Search(self.evaluator, games, legal, simulations, self.settings).run()
        return findings.best_moves(), findings.value.clip(-1, 1)
