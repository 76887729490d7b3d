"""Edges of the nodes that the network has seen."""

import math

from keisei_core.shogi import NUM_ACTIONS, UInt8Array
from keisei_core.shogi.compile import inner, kernel, signed
from keisei_plugins_search.nodes import Float32Array, Int32Array, Nodes, Rules, unlink


@inner
def insert_edge(nodes: Nodes, first: int, num_edges: int, action: int, score: float) -> None:
    """Puts an action among edges that are sorted by score, behind those with an equal one; the last makes room."""
    place, end = first, first + num_edges - 1
    while place < end:
        middle = (place + end) >> 1
        if nodes.prior[middle] < score:
            end = middle
        else:
            place = middle + 1
    # Apart, so that each becomes a move of memory.
    for edge in range(first + num_edges - 1, place, -1):
        nodes.prior[edge] = nodes.prior[edge - 1]
    for edge in range(first + num_edges - 1, place, -1):
        nodes.action[edge] = nodes.action[edge - 1]
    nodes.prior[place] = score
    nodes.action[place] = action


@inner
def grow(
    nodes: Nodes, row: int, logits: Float32Array, scores: Float32Array, start: int, legal: UInt8Array, mask: int,
    rules: Rules,
) -> None:  # fmt: skip
    """Gives a node its edges: the K legal moves of highest score, with their probabilities among all legal ones.

    Args:
        nodes: changed in place.
        row: which node.
        logits: the node's 2,187 begin at `start`.
        scores: the order of the edges, from `start` too: the logits again, but for a root with noise.
        start: see above.
        legal: 1 = legal, from `mask` on; a node without legal moves gets no edges.
        mask: see above.
        rules: of the search.
    """
    first, num_moves, num_edges, top = row * rules.num_edges, signed(0), signed(0), -math.inf
    for action in range(NUM_ACTIONS):
        if legal[mask + action]:
            top = max(top, float(logits[start + action]))
            score = scores[start + action]
            num_moves += 1
            if num_edges < rules.num_edges:
                num_edges += 1
            elif score <= nodes.prior[first + num_edges - 1]:
                continue
            insert_edge(nodes, first, num_edges, signed(action), score)
    nodes.num_moves[row], nodes.num_edges[row] = num_moves, num_edges
    mass = 0.0
    for edge in range(first, first + num_edges):
        chance = math.exp(float(logits[start + nodes.action[edge]]) - top)
        nodes.prior[edge] = chance
        mass += chance
    if num_moves > num_edges:
        mass = 0.0
        for action in range(NUM_ACTIONS):
            if legal[mask + action]:
                mass += math.exp(float(logits[start + action]) - top)
    for edge in range(first, first + num_edges):
        nodes.prior[edge] /= mass


@kernel
def grow_roots(
    nodes: Nodes, rows: Int32Array, logits: Float32Array, scores: Float32Array, legal: UInt8Array, rules: Rules
) -> None:
    """Begins trees, and gives their roots their edges; rows int32 [G], the others [G * 2187], see `grow`."""
    for tree in range(len(rows)):
        start = tree * NUM_ACTIONS
        unlink(nodes, signed(rows[tree]))
        grow(nodes, signed(rows[tree]), logits, scores, start, legal, start, rules)
