"""What a search has found out about the positions that it began with.

Shape key: G games, E edges of the root that has most, A = 2,187 actions.
"""

from typing import Any, Final, Self

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi import UInt8Array
from keisei_core.shogi.compile import kernel, signed
from keisei_plugins_search.nodes import (
    PUCT,
    Float32Array,
    Float64Array,
    Int8Array,
    Int16Array,
    Int32Array,
    Nodes,
    Rules,
)

TIERS: Final = 1e9
"""More plies than a mate can take."""


@attrs.frozen(eq=False, kw_only=True)
class Findings:
    """The roots, and their edges in the order of the policy."""

    action: Int16Array
    """int16 [G, E], moves; -1 in places that a root does not need."""
    prior: Float32Array
    """float32 [G, E], the probabilities that the search went by, with the noise of `add_noise` where there was any."""
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
    """uint8 [G, A], moves that mate at once, or begin the longer mate that was found in the root."""
    logits: Float32Array
    """float32 [G, A], of the network; -inf where a move may not be played."""
    liking: Float32Array
    """float32 [G, E], logits of the edges, with Gumbel noise where the search had any."""
    network_value: Float64Array
    """float64 [G], the network's V of the position, for its mover."""
    rules: Rules
    """Of the search."""

    @classmethod
    def of(
        cls,
        nodes: Nodes,
        roots: Int32Array,
        rules: Rules,
        mates: UInt8Array,
        logits: Float32Array,
        gumbels: Float32Array | None = None,
    ) -> Self:
        """Reads the trees.

        Args:
            nodes: of all trees.
            roots: int32 [G], rows.
            rules: of the search.
            mates, logits: see the attributes.
            gumbels: float32 [G, A], noise on the logits.
        """
        shape = len(roots), int(nodes.num_edges[roots].max(initial=0))
        action, visits = np.full(shape, -1, np.int16), np.zeros(shape, np.int32)
        prior, worth = np.zeros(shape, np.float32), np.zeros(shape, np.float64)
        proven, plies_left = np.zeros(shape, np.int8), np.zeros(shape, np.int16)
        edges = (action, prior, visits, worth, proven, plies_left)
        flat: Any = (array.reshape(-1) for array in edges)
        read_edges(nodes, roots, rules, *flat)
        noisy = logits if gumbels is None else logits + gumbels
        return cls(
            action=action, prior=prior, visits=visits, worth=worth, proven=proven, plies_left=plies_left,
            value=root_values(nodes, roots, rules), mates=mates, logits=logits,
            liking=np.take_along_axis(noisy, np.maximum(action, 0).astype(np.int64), 1),
            network_value=nodes.value[roots].astype(np.float64), rules=rules,
        )  # fmt: skip

    def best_moves(self) -> Int32Array:
        """Returns the move to play in each position, int32 [G].

        A mate; else a move that wins for sure, the quickest; else the one with most visits that does not lose for sure,
        of equal ones the better by `preference`; else the likeliest that nobody looked at; else the one that loses
        latest.
        """
        best = self.order()[:, 0]
        actions: Int32Array = self.action[np.arange(len(best)), best].astype(np.int32)
        for game in np.flatnonzero(((self.proven < 0) | (self.action < 0)).all(axis=1)):
            unseen = self.logits[game].copy()
            unseen[self.action[game][self.action[game] >= 0]] = -np.inf
            if np.isfinite(unseen).any():
                actions[game] = unseen.argmax()
        has_mate = self.mates.any(axis=1)
        actions[has_mate] = self.mates[has_mate].argmax(axis=1)
        return actions

    def order(self) -> NDArray[np.int64]:
        """Returns the numbers of the edges, the best to play first, int64 [G, E]; `best_moves` says what is better."""
        wins, loses = TIERS - self.plies_left, self.plies_left - TIERS
        kind = np.where(self.proven > 0, wins, np.where(self.proven < 0, loses, 0))
        kind = np.where(self.action >= 0, kind, -np.inf)
        return np.lexsort((-self.preference(), -self.visits, -kind), axis=1)

    def preference(self) -> Float64Array:
        """Returns what decides between edges with as many visits, float64 [G, E]: worth; for Gumbel with the logit."""
        return self.worth if self.rules.algorithm == PUCT else self.liking + self.sigma(self.worth)

    def log_policy(self) -> Float64Array:
        """Returns the network's log-probabilities of the moves that may be played, float64 [G, A]; else -inf."""
        logits = self.logits.astype(np.float64)
        top = logits.max(axis=1, keepdims=True)
        log_policy: Float64Array = logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
        return log_policy

    def own_prior(self) -> Float64Array:
        """Returns the edges' probabilities by the network, without noise; float64 [G, E], 0 where there is none."""
        edges = np.maximum(self.action, 0).astype(np.int64)
        own: Float64Array = np.where(self.action >= 0, np.exp(np.take_along_axis(self.log_policy(), edges, 1)), 0)
        return own

    def mixed_value(self) -> Float64Array:
        """Returns what moves that nobody looked at are taken to be worth, float64 [G].

        v_mix of Danihelka et al. (ICLR 2022), appendix D: of the network's value and the mean by policy of what the
        moves looked at are worth, the latter as often as there were visits. Moves that lose for sure are left out.
        """
        counts = (self.visits > 0) & (self.proven >= 0)
        weight = np.where(counts, self.own_prior(), 0)
        num_visits, mass = np.where(counts, self.visits, 0).sum(axis=1), weight.sum(axis=1)
        mean = (weight * self.worth).sum(axis=1) / np.where(mass > 0, mass, 1)
        num_visits = np.where(mass > 0, num_visits, 0)
        mixed: Float64Array = (self.network_value + num_visits * mean) / (1 + num_visits)
        return mixed

    def sigma(self, worth: Float64Array) -> Float64Array:
        """Returns how much a worth, -1 to 1, adds to a logit; float64 [G, any] to the same.

        (c_visit + most visits of a move) * c_scale * worth, appendix D of the same paper; not rescaled by the lowest
        and highest worth, which would make anything of the smallest difference.
        """
        most = self.visits.max(axis=1, initial=0, keepdims=True)
        added: Float64Array = (self.rules.c_visit + most) * self.rules.c_scale * worth
        return added


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
