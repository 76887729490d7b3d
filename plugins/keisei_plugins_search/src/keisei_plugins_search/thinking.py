"""Thinking about one game: a tree that grows until it is told to stop, and is kept for the next move."""

import time
from typing import Final

import numpy as np

from keisei_core.arena import Info, Limits, Stop, Tell, Thought
from keisei_core.arena.thinking import allowed
from keisei_core.evaluate import Evaluator
from keisei_core.shogi import NUM_ACTIONS, Branches, Positions, UInt8Array
from keisei_core.shogi.games import MAX_MAX_PLIES
from keisei_plugins_search.cache import EvaluationCache
from keisei_plugins_search.lines import best_lines
from keisei_plugins_search.nodes import OPEN
from keisei_plugins_search.search import Search, SearchSettings

STEADY: Final = 8
"""New nodes of a step are not more than one to so many that there are: few visits should not be spent in the dark."""
ENDLESS: Final = 2**31 - 2
"""Simulations that nobody comes to."""


class Thinking:
    """The tree and the cache of a game, which stay from call to call."""

    def __init__(self, evaluator: Evaluator, settings: SearchSettings, most_nodes: int, most_cached: int) -> None:
        """Begins with nothing.

        Args:
            evaluator: the network, in its eval mode.
            settings: whose `leaves` are the most that the network sees at once; no limit need be known.
            most_nodes: of the tree, some 600 bytes each; when they are used up, the thinking ends.
            most_cached: evaluations that are kept.
        """
        self.evaluator, self.settings, self.most_nodes = evaluator, settings, most_nodes
        self.cache: Final = EvaluationCache(evaluator, most_cached)
        self._search: Search | None = None
        self._legal: UInt8Array = np.zeros((1, NUM_ACTIONS), np.uint8)
        """uint8 [1, 2187], the moves of the tree's root that are looked at."""

    def think(self, position: Positions, past: Branches | None, limits: Limits, stop: Stop, tell: Tell) -> Thought:
        """Thinks about a position; see `keisei_core.arena.Thinker`."""
        started = told = time.monotonic()
        search = self._begin(position, past, allowed(position, limits), limits)
        done = int(search.progress.done[0])
        simulations = ENDLESS if limits.simulations is None else limits.simulations
        most = min(simulations, ENDLESS if limits.nodes is None else done + limits.nodes)
        end = np.inf if limits.seconds is None else started + limits.seconds
        while not stop.is_set() and time.monotonic() < end and self._grow(search, most):
            if time.monotonic() >= told + limits.tell_every:
                told = time.monotonic()
                tell(self._info(search, limits.lines, done, started))
        info = self._info(search, limits.lines, done, started)
        tell(info)
        return Thought(action=int(search.findings().best_moves()[0]), info=info)

    def _grow(self, search: Search, most: int) -> bool:
        """Makes a step, unless there are so many simulations or there is no more to find out; says whether it did."""
        progress = search.progress
        used, done = int(progress.num_nodes[0]), int(progress.done[0])
        if done >= most or search.nodes.proven[0] != 0:
            return False
        step = min(self.settings.leaves, most - done, max(1, used // STEADY))
        if used + step > self.most_nodes:
            return False
        progress.limit[0] = done + step
        search.step()
        return True

    def _begin(self, position: Positions, past: Branches | None, legal: UInt8Array, limits: Limits) -> Search:
        """Goes on with the part of the tree that grew from this position in this game, or plants another."""
        roots = Branches.of_positions(position, MAX_MAX_PLIES) if past is None else past.copy(slice(None))
        kept, self._search = self._search, None  # where this call is broken off, the next one begins anew
        row = None if kept is None else self._row_of(kept, roots, legal)
        if kept is None or row is None:
            room = np.array([self.most_nodes - 1], np.int32)
            kept = Search(self.evaluator, roots, legal, room, self.settings, cache=self.cache)
        elif row > 0:
            kept.go_on_from(row)
        self._search, self._legal = kept, legal
        return kept

    def _row_of(self, search: Search, roots: Branches, legal: UInt8Array) -> int | None:
        """Returns the open node of the tree that stands where the game does and came there on the same way.

        What the position itself knows of earlier ones is compared too: where the past is unknown it is all there is.
        """
        used, wanted, there = int(search.progress.num_nodes[0]), roots.positions.arrays(), search.positions.positions
        rows = np.flatnonzero((there.ply[:used] == wanted["ply"][0]) & (search.nodes.state[:used] == OPEN))
        for row in rows[(there.board[rows] == wanted["board"][0]).all(axis=1)]:
            is_same = all(np.array_equal(array[row], wanted[name][0]) for name, array in there.arrays().items())
            if is_same and search.positions.max_plies == roots.max_plies:
                looked_at = self._legal if row == 0 else roots.legal
                if np.array_equal(looked_at, legal) and search.positions.has_same_past(row, roots, 0):
                    return int(row)
        return None

    def _info(self, search: Search, lines: int, done: int, started: float) -> Info:
        used, plies = int(search.progress.num_nodes[0]), search.positions.positions.ply
        return Info(
            lines=best_lines(search, search.findings(), lines),
            seldepth=max(1, int(plies[:used].max()) - int(plies[0])),
            nodes=int(search.progress.done[0]) - done,
            seconds=time.monotonic() - started,
            full=used / self.most_nodes,
        )
