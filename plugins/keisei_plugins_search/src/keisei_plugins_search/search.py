"""The search: trees of many games grown in step, so that the network sees one batch for all of them.

Shape key: G games, a tree each, N nodes, K edges, P places for new nodes of a tree in one step, A = 2,187 actions.
"""

from collections.abc import Iterator
from typing import Final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.evaluate import Evaluator
from keisei_core.shogi import NUM_ACTIONS, Branches, Ending, Positions, UInt8Array, find_mates, legal_mask
from keisei_core.shogi.crew import share_rows
from keisei_plugins_search.back_up import finish_simulations
from keisei_plugins_search.cache import EvaluationCache
from keisei_plugins_search.descend import descend
from keisei_plugins_search.findings import Findings
from keisei_plugins_search.grow import grow_roots
from keisei_plugins_search.gumbel import visits_due
from keisei_plugins_search.mate_search import LONGEST, prove_mates
from keisei_plugins_search.nodes import (
    GUMBEL,
    HALVING,
    NOBODY,
    OPEN,
    PUCT,
    Candidates,
    Float32Array,
    Int32Array,
    Nodes,
    Progress,
    Rules,
    new_leaves,
    new_nodes,
)
from keisei_plugins_search.subtree import subtree
from keisei_plugins_search.verdicts import judge

TREES: Final = 16
"""What a thread takes at once."""
MOST_NODES: Final = 1 << 22
"""Of all trees that are searched side by side: some 2.7 GB."""
NOTHING: Final = np.zeros(0, np.float32), np.zeros(0, np.float32)
"""Logits and values where the network was not asked."""


def parts(num_games: int, simulations: int, most: int) -> Iterator[slice]:
    """Yields which games are searched side by side, in turn.

    Args:
        num_games: that are to be searched.
        simulations: of each.
        most: games at once; fewer, but one, where their trees might have more than `MOST_NODES`.
    """
    at_once = max(1, min(most, MOST_NODES // (simulations + 1)))
    for first in range(0, num_games, at_once):
        yield slice(first, min(first + at_once, num_games))


def logits_and_values(logits: Tensor, value: Tensor, legal: Tensor, stream: torch.Generator) -> Tensor:
    """Returns all logits and then the values, -1 to 1, float32 [L * A + L]; a `Program`."""
    return torch.cat((logits.reshape(-1), value.clamp(-1, 1)))


@attrs.frozen(kw_only=True)
class SearchSettings:
    """How every tree is searched."""

    moves: int = 48
    """K, likeliest moves of a position that are kept."""
    leaves: int = 1
    """P, new nodes of a tree in one step."""
    discount: float = 0.997
    """Of a value per ply."""
    algorithm: str = "puct"
    """Or "gumbel"."""
    c_puct: float = 1.25
    fpu: float = 0.3
    candidates: int = 16
    """Gumbel: moves of the root that sequential halving begins with, at most; not more than K."""
    c_visit: float = 50.0
    c_scale: float = 0.5
    """Gumbel: of a worth of -1 to 1."""
    knows_limit: bool = True
    """Gumbel: whether the root is searched by sequential halving, which goes by the number of simulations that a tree
    gets; else it is a node as any other."""

    mate_nodes: int = 0
    """Positions looked at for a mate by checks in each root; 0 finds mates in one alone."""
    leaf_mate_nodes: int = 0
    """The same for each new node."""

    @property
    def halves(self) -> bool:
        """Whether roots are searched by sequential halving."""
        return self.algorithm == "gumbel" and self.knows_limit

    def rules(self, num_nodes: int) -> Rules:
        """Returns what kernels are told, for trees of N nodes."""
        algorithm = PUCT if self.algorithm == "puct" else HALVING if self.knows_limit else GUMBEL
        return Rules(num_nodes, self.moves, self.discount, algorithm, self.c_puct, self.fpu, self.c_visit, self.c_scale)


class Search:
    """Trees that grow from the positions of G games.

    Attributes:
        nodes, progress: the trees.
        positions: the positions of all nodes, without their legal moves.
        mates: uint8 [G, A], moves that mate at once in the root, or begin the mate that was found there; such a tree is
            not searched.
        mate_line: int16 [G, L], the moves of that mate, if it takes more than one; -1 after it.
        num_evaluated: positions about which the network, or the cache, was asked.
    """

    def __init__(
        self,
        evaluator: Evaluator,
        roots: Branches,
        legal: UInt8Array,
        simulations: Int32Array,
        settings: SearchSettings,
        gumbels: Float32Array | None = None,
        cache: EvaluationCache | None = None,
    ) -> None:
        """Evaluates the roots.

        Args:
            evaluator: the network, in its eval mode.
            roots: G branches that go on; they stay as they are.
            legal: uint8 [G, A], the moves that are looked at in each root: legal ones, at least one.
            simulations: int32 [G], how many nodes each tree gets at most beside its root.
            settings: for all trees.
            gumbels: float32 [G, A], for "gumbel" noise of the standard Gumbel distribution, drawn anew for each search;
                none at play.
            cache: asked instead of the evaluator, if given.

        Raises:
            ValueError: `gumbels` are given to another algorithm.
        """
        if gumbels is not None and not settings.halves:
            raise ValueError(f"gumbels are for sequential halving, got them for {settings}")
        num_games = len(roots)
        self.evaluator, self.settings = evaluator, settings
        num_nodes = int(simulations.max(initial=0)) + 1
        self.rules = settings.rules(num_nodes)
        self.nodes: Nodes = new_nodes(num_games, num_nodes, settings.moves)
        self.progress = Progress(np.ones(num_games, np.int32), np.zeros(num_games, np.int32), simulations.copy())
        self.positions = roots.empty(num_games * num_nodes, keeps_legal=False)
        self._fresh = roots.empty(num_games * settings.leaves)
        self._leaves = new_leaves(num_games * settings.leaves)
        self.num_evaluated = 0
        self._gumbels, self._cache = gumbels, cache
        self._plant(roots, legal)

    def run(self) -> Findings:
        """Makes all simulations."""
        while self.step():
            pass
        return self.findings()

    def step(self) -> bool:
        """Gives every tree P new nodes at most; returns whether there may be more to do."""
        num_asked = self._open_leaves()
        if num_asked is None:
            return False
        logits, values = self._evaluate(*self._asked(num_asked)) if num_asked else NOTHING
        self._close_leaves(logits.reshape(-1), values)
        return True

    def stages(self, stream: torch.Generator) -> Iterator[None]:
        """Makes all simulations as `run` does, and yields wherever it would wait for the network.

        Args:
            stream: on the evaluator's device; nothing is drawn from it.
        """
        while (num_asked := self._open_leaves()) is not None:
            if not num_asked:
                self._close_leaves(*NOTHING)
                continue
            self.num_evaluated += num_asked
            answer = self.evaluator.submit(*self._asked(num_asked), logits_and_values, stream)
            yield
            self._close_leaves(*np.split(answer.collect(), [num_asked * NUM_ACTIONS]))

    def _open_leaves(self) -> int | None:
        """Descends to new nodes and judges them.

        Returns:
            About how many of them the network is to be asked; None where there is nothing more to do.
        """
        leaves, num_trees = self._leaves, len(self.roots)
        share_rows(num_trees, TREES, self._descend)
        if leaves.row.max(initial=NOBODY) < 0:
            return None
        fresh = self._fresh
        mates = self.positions.extend(leaves.row, leaves.parent, leaves.action, fresh)
        self._find_longer_mates(mates)
        return judge(self.nodes, leaves, fresh.ending, fresh.recurrence, mates, self.rules.discount)

    def _close_leaves(self, logits: Float32Array, values: Float32Array) -> None:
        """Gives the new nodes what the network said, logits [L * A] and values [L], and backs their values up."""
        share_rows(len(self.roots), TREES, lambda trees: self._finish(trees, logits, values))

    def _find_longer_mates(self, mates: UInt8Array) -> None:
        """Adds the plies of longer mates to new positions in which none mates at once."""
        if not self.settings.leaf_mate_nodes:
            return
        goes_on = (self._fresh.ending == Ending.NONE) & (self._fresh.recurrence == Ending.NONE)
        rows = np.flatnonzero((self._leaves.row >= 0) & (mates == 0) & goes_on)
        if len(rows):
            mates[rows] = prove_mates(self._fresh, rows, self.settings.leaf_mate_nodes).plies.clip(0)

    def _asked(self, num_asked: int) -> tuple[Positions, UInt8Array]:
        """Returns those new positions about which the network is asked, and their legal moves."""
        positions, legal = self._fresh.positions, self._fresh.legal
        if num_asked == len(positions):
            return positions, legal
        chosen = self._leaves.asked >= 0
        return positions[chosen], legal[chosen]

    def go_on_from(self, row: int) -> None:
        """Leaves of a single tree what grew from one of its open nodes, whose moves are all looked at from then on.

        All visits, worths and proofs stay, and `progress` counts the simulations that went through that node.
        """
        nodes, rows = subtree(self.nodes, row, int(self.progress.num_nodes[0]))
        self.nodes, self.positions = nodes, self.positions.rerooted(row, rows, len(self.positions))
        self._fresh = self.positions.empty(self.settings.leaves)
        self.progress.num_nodes[0], self.progress.done[0] = len(rows), nodes.visits[0] - 1
        root = self.positions.positions[:1]
        legal = legal_mask(root)
        logits, _ = self._evaluate(root, legal)
        self._logits = np.where(legal != 0, logits, -np.inf)
        self._find_root_mates(self.positions.copy(slice(1)), legal)

    def findings(self) -> Findings:
        """Returns what is known of the roots."""
        return Findings.of(self.nodes, self.roots, self.rules, self.mates, self._logits, self._gumbels)

    @property
    def roots(self) -> NDArray[np.int32]:
        """int32 [G], rows of the roots."""
        return np.arange(len(self.progress.limit), dtype=np.int32) * np.int32(self.rules.num_nodes)

    def _plant(self, roots: Branches, legal: UInt8Array) -> None:
        """Makes the roots, and evaluates them."""
        rows, nodes = self.roots, self.nodes
        self.positions.assign(rows, roots, slice(None))
        logits, nodes.value[rows] = self._evaluate(roots.positions, roots.legal)
        self._logits = np.where(legal != 0, logits, -np.inf)
        scores = logits if self._gumbels is None else logits + self._gumbels
        grow_roots(nodes, rows, logits.reshape(-1), scores.reshape(-1), legal.copy().reshape(-1), self.rules)
        self._candidates = self._nominate(scores)
        nodes.state[rows], nodes.visits[rows] = OPEN, 1
        nodes.total[rows] = -self.rules.discount * nodes.value[rows].astype(np.float64)
        self._find_root_mates(roots, legal)

    def _find_root_mates(self, roots: Branches, legal: UInt8Array) -> None:
        """Looks for mates in the roots, in one and in more, and notes what they prove."""
        self.mates = find_mates(roots.positions, legal)
        plies = np.zeros(len(roots), np.int32)
        plies[self.mates.any(axis=1)] = 1
        self.mate_line = np.full((len(roots), LONGEST), -1, np.int16)
        rest = np.flatnonzero(plies == 0)
        if self.settings.mate_nodes and len(rest):
            longer = prove_mates(roots, rest, self.settings.mate_nodes)
            first = longer.line[:, 0]
            found = np.flatnonzero((longer.plies > 0) & (legal[rest, first] != 0))
            plies[rest[found]], self.mate_line[rest[found]] = longer.plies[found], longer.line[found]
            self.mates[rest[found], first[found]] = 1
        mated = self.roots[plies > 0]
        self.nodes.proven[mated], self.nodes.plies_left[mated] = 1, plies[plies > 0]

    def _nominate(self, scores: Float32Array) -> Candidates:
        """Keeps so many edges of the roots as sequential halving begins with, and makes its plan."""
        nodes, rules, limits = self.nodes, self.rules, self.progress.limit
        if not self.settings.halves:
            return Candidates(np.zeros(0, np.float32), np.zeros(0, np.int32))
        due = np.zeros((len(limits), rules.num_nodes - 1), np.int32)
        for tree, root in enumerate(self.roots):
            limit = int(limits[tree])
            nodes.num_edges[root] = min(int(nodes.num_edges[root]), self.settings.candidates, max(1, limit))
            due[tree, :limit] = visits_due(int(nodes.num_edges[root]), limit)
        actions = nodes.action.reshape(-1, rules.num_edges)[self.roots]
        liking = np.take_along_axis(scores, actions.astype(np.int64), 1)
        return Candidates(liking.reshape(-1), due.reshape(-1))

    def _descend(self, trees: slice) -> None:
        descend(trees.start, trees.stop, self.nodes, self.progress, self._candidates, self._leaves, self.rules)

    def _finish(self, trees: slice, logits: Float32Array, values: Float32Array) -> None:
        places, legal = self.settings.leaves, self._fresh.legal.reshape(-1)
        span = trees.start * places, trees.stop * places
        finish_simulations(*span, self.nodes, self._leaves, logits, values, legal, self.rules)

    def _evaluate(self, positions: Positions, legal: UInt8Array) -> tuple[Float32Array, Float32Array]:
        """Returns logits float32 [L, A], right for all legal moves, and values float32 [L], -1 to 1."""
        self.num_evaluated += len(positions)
        if self._cache is not None:
            return self._cache.evaluate(positions, legal)
        logits, values = self.evaluator.raw(positions)
        return logits.cpu().numpy().reshape(-1, NUM_ACTIONS), values.clamp(-1, 1).cpu().numpy()
