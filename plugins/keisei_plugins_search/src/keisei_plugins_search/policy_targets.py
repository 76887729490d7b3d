"""Policies that a finished search is worth: what the network's policy should come to in the roots.

All of them know what is proven: where moves mate at once they share everything, and the first move of a longer mate
that was found gets it; where moves win for sure they get everything; moves that lose for sure get nothing while another
is left.

Shape key: G games, E edges of the root that has most, A = 2,187 actions, M moves kept of a policy.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.learn import MoveWeights
from keisei_plugins_search.findings import Findings
from keisei_plugins_search.nodes import Float64Array

HALVINGS: Final = 60
"""Of the interval in which a number is looked for: more than a float64 can tell apart."""
TINY: Final = 1e-300
"""Keeps what is nearly 0 from being divided by, and a move that is known to be best from weighing nothing."""

IntArray = NDArray[np.int64]
Policy = Callable[[Findings], Float64Array]
"""Returns the policy of each root over all actions, float64 [G, A], each row adding up to 1."""


def completed_policy(findings: Findings) -> Float64Array:
    """Returns softmax(log-policy + sigma(Q)), Q completed by `Findings.mixed_value` where nobody looked; see `Policy`.

    The improved policy of Danihelka et al., "Policy improvement by planning with Gumbel" (ICLR 2022), equation 11, with
    the sigma of `Findings.sigma`.
    """
    games, edges, actions = seen_edges(findings)
    scores = findings.log_policy()
    seen = scores[games, actions] + findings.sigma(findings.worth)[games, edges]
    scores += findings.sigma(findings.mixed_value()[:, None])
    scores[games, actions] = seen
    policy = np.exp(scores - scores.max(axis=1, keepdims=True))
    return settled(findings, policy)


def visit_policy(findings: Findings) -> Float64Array:
    """Returns the shares of the visits, AlphaZero's target; see `Policy`."""
    games, edges, actions = seen_edges(findings)
    policy = np.exp(findings.log_policy())
    policy[games] = 0
    policy[games, actions] = findings.visits[games, edges]
    return settled(findings, policy)


def regularised_policy(findings: Findings) -> Float64Array:
    """Returns what PUCT's visits tend to: the policy best by its Q less lambda KL(prior, policy); see `Policy`.

    Grill et al., "Monte-Carlo tree search as regularized policy optimization" (ICML 2020), section 3.2: lambda *
    prior / (alpha - Q), lambda = c_puct * sqrt(N) / (moves + N), and the alpha with which that adds up to 1. Moves
    that nobody looked at are worth `Findings.mixed_value`.
    """
    games, edges, actions = seen_edges(findings)
    prior, mixed, is_seen = np.exp(findings.log_policy()), findings.mixed_value()[:, None], findings.visits > 0
    num_visits, num_moves = findings.visits.sum(axis=1, keepdims=True), (prior > 0).sum(axis=1, keepdims=True)
    weight = findings.rules.c_puct * np.sqrt(num_visits) / (num_moves + num_visits)
    unseen, priors = prior.copy(), np.where(is_seen, findings.own_prior(), 0)
    unseen[games, actions] = 0
    shares = weight * np.hstack([priors, unseen.sum(axis=1, keepdims=True)])
    worth = np.where(is_seen, findings.worth, mixed)
    alpha = solve(shares, np.hstack([worth, mixed]))
    policy = weight * unseen / np.where(unseen > 0, np.maximum(alpha - mixed, TINY), 1)
    policy[games, actions] = (shares[:, :-1] / np.maximum(alpha - worth, TINY))[games, edges]
    return settled(findings, np.where(weight > 0, policy, prior))


POLICIES: Final[dict[str, Policy]] = {
    "completed": completed_policy,
    "visits": visit_policy,
    "regularised": regularised_policy,
}
"""By name, for options; any of them may be made of a tree that was searched by either algorithm."""


def improved_policy(findings: Findings, kind: str, kept: int) -> MoveWeights:
    """Returns the policy that a search has found, of each root its M likeliest moves.

    Args:
        findings: of a search.
        kind: one of `POLICIES`: "completed" belongs to Gumbel, "visits" and "regularised" to PUCT.
        kept: M; what the other moves weigh is given to these.

    Returns:
        action int16 [G, M], the likeliest first, and weight float32 [G, M], which adds up to 1 in each row; both 0 in
        places that a root does not need.
    """
    policy = POLICIES[kind](findings)
    likeliest = np.argpartition(-policy, kept, axis=1)[:, :kept]
    likeliest = np.take_along_axis(likeliest, np.argsort(-np.take_along_axis(policy, likeliest, 1), 1, "stable"), 1)
    weight = np.take_along_axis(policy, likeliest, 1).astype(np.float32)
    weight /= weight.sum(axis=1, keepdims=True)
    return MoveWeights(action=np.where(weight > 0, likeliest, 0).astype(np.int16), weight=weight)


def seen_edges(findings: Findings) -> tuple[IntArray, IntArray, IntArray]:
    """Returns the edges that were looked at: their games, their numbers, and their actions."""
    games, edges = np.nonzero(findings.visits > 0)
    return games, edges, findings.action[games, edges].astype(np.int64)


def solve(shares: Float64Array, worth: Float64Array) -> Float64Array:
    """Returns the alpha, float64 [G, 1], above all `worth` that makes shares / (alpha - worth) add up to 1, [G, E]."""
    needed = np.where(shares > 0, worth + shares, -np.inf)
    low = needed.max(axis=1, keepdims=True)
    high = worth.max(axis=1, keepdims=True) + shares.sum(axis=1, keepdims=True)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        is_low = (shares / np.maximum(middle - worth, TINY)).sum(axis=1, keepdims=True) > 1
        low, high = np.where(is_low, middle, low), np.where(is_low, high, middle)
    alpha: Float64Array = high
    return alpha


def settled(findings: Findings, weights: Float64Array) -> Float64Array:
    """Returns policies, float64 [G, A], made of weights by what is proven of the moves.

    Where nothing that is left weighs anything, the network's policy decides among it.
    """
    games, edges, actions = seen_edges(findings)
    proven = np.zeros(weights.shape, np.int8)
    proven[games, actions] = findings.proven[games, edges]
    possible = np.isfinite(findings.logits)
    is_best = possible & (proven == np.where(possible, proven, -1).max(axis=1, keepdims=True))
    kept = np.where(is_best, weights, 0)
    empty = ~kept.any(axis=1)
    kept[empty] = np.where(is_best, np.exp(findings.log_policy()) + TINY, 0)[empty]
    has_mate = findings.mates.any(axis=1)
    kept[has_mate] = findings.mates[has_mate]
    policy: Float64Array = kept / kept.sum(axis=1, keepdims=True)
    return policy
