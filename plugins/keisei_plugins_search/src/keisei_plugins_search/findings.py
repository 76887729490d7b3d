"""What a search has found out about the positions that it began with.

Shape key: G games, E edges of the root that has most, A = 2,187 actions.
"""

from typing import Any, Final, Self

import attrs
import numpy as np

from keisei_core.shogi import UInt8Array
from keisei_core.shogi.compile import kernel, signed
from keisei_plugins_search.nodes import (
    Float32Array,
    Float64Array,
    Int8Array,
    Int16Array,
    Int32Array,
    Nodes,
    Rules,
)

TIERS: Final = 1e9
"""More than there can be visits: moves of a better kind come before all of a worse one."""


@attrs.frozen(eq=False, kw_only=True)
class Findings:
    """The roots, and their edges in the order of the policy."""

    action: Int16Array
    """int16 [G, E], moves; -1 in places that a root does not need."""
    prior: Float32Array
    """float32 [G, E], their probabilities."""
    visits: Int32Array
    """int32 [G, E], simulations that began with each."""
    worth: Float64Array
    """float64 [G, E], what each is worth to who plays it; 0 where nobody looked."""
    proven: Int8Array
    """int8 [G, E], 1 where it wins for sure, -1 where it loses."""
    plies_left: Int16Array
    """int16 [G, E], plies from the position after it to that end."""
    value: Float64Array
    """float64 [G], of the position for its mover: +-1 discounted where it is proven, else the mean over the visits."""
    mates: UInt8Array
    """uint8 [G, A], moves that mate at once."""
    logits: Float32Array
    """float32 [G, A], of the network; -inf where a move is not looked at."""

    @classmethod
    def of(cls, nodes: Nodes, roots: Int32Array, rules: Rules, mates: UInt8Array, logits: Float32Array) -> Self:
        """Reads the trees.

        Args:
            nodes: of all trees.
            roots: int32 [G], rows.
            rules: of the search.
            mates, logits: see the attributes.
        """
        shape = len(roots), int(nodes.num_edges[roots].max(initial=0))
        action, visits = np.full(shape, -1, np.int16), np.zeros(shape, np.int32)
        prior, worth = np.zeros(shape, np.float32), np.zeros(shape, np.float64)
        proven, plies_left = np.zeros(shape, np.int8), np.zeros(shape, np.int16)
        edges = (action, prior, visits, worth, proven, plies_left)
        flat: Any = (array.reshape(-1) for array in edges)
        read_edges(nodes, roots, rules, *flat)
        return cls(
            action=action, prior=prior, visits=visits, worth=worth, proven=proven, plies_left=plies_left,
            value=root_values(nodes, roots, rules), mates=mates, logits=logits,
        )  # fmt: skip

    def best_moves(self) -> Int32Array:
        """Returns the move to play in each position, int32 [G].

        A mate; else a move that wins for sure, the quickest; else the one with most visits that does not lose for sure,
        of equal ones the better; else the likeliest that nobody looked at; else the one that loses latest.
        """
        best = self.ranking().argmax(axis=1)
        actions: Int32Array = self.action[np.arange(len(best)), best].astype(np.int32)
        for game in np.flatnonzero(((self.proven < 0) | (self.action < 0)).all(axis=1)):
            unseen = self.logits[game].copy()
            unseen[self.action[game][self.action[game] >= 0]] = -np.inf
            if np.isfinite(unseen).any():
                actions[game] = unseen.argmax()
        has_mate = self.mates.any(axis=1)
        actions[has_mate] = self.mates[has_mate].argmax(axis=1)
        return actions

    def ranking(self) -> Float64Array:
        """Returns a number for each edge, float64 [G, E]: the higher the better a move to play."""
        alive = self.visits + (self.worth + 2) / 8
        wins, loses = TIERS * 2 - self.plies_left, self.plies_left - TIERS
        ranked = np.where(self.proven > 0, wins, np.where(self.proven < 0, loses, alive))
        return np.where(self.action >= 0, ranked, -np.inf)


def root_values(nodes: Nodes, roots: Int32Array, rules: Rules) -> Float64Array:
    """Returns what the roots are worth to their movers, float64 [G]."""
    mean = -nodes.total[roots] / (rules.discount * nodes.visits[roots])
    proven = nodes.proven[roots] * rules.discount ** (nodes.plies_left[roots] - 1.0)
    return np.where(nodes.proven[roots] != 0, proven, mean)


@kernel
def read_edges(
    nodes: Nodes,
    roots: Int32Array,
    rules: Rules,
    actions: Int16Array,
    priors: Float32Array,
    visits: Int32Array,
    worth: Float64Array,
    proven: Int8Array,
    plies_left: Int16Array,
) -> None:
    """Copies the edges of the roots; see `Findings`, whose arrays these are, flat."""
    width = len(actions) // len(roots)
    for game in range(len(roots)):
        row = signed(roots[game])
        first, place = row * rules.num_edges, game * width
        for edge in range(signed(nodes.num_edges[row])):
            actions[place + edge] = nodes.action[first + edge]
            priors[place + edge] = nodes.prior[first + edge]
        child = signed(nodes.first_child[row])
        while child >= 0:
            visits[place] = nodes.visits[child]
            proven[place] = -nodes.proven[child]
            plies_left[place] = nodes.plies_left[child]
            worth[place] = nodes.total[child] / nodes.visits[child]
            if nodes.proven[child] != 0:
                worth[place] = proven[place] * rules.discount ** plies_left[place]
            child, place = signed(nodes.next_sibling[child]), place + 1
