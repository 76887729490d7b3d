"""Edges of the nodes that the network has seen."""

import math

from keisei_core.shogi import NUM_ACTIONS, UInt8Array
from keisei_core.shogi.compile import inner, kernel, signed
from keisei_plugins_search.nodes import Float32Array, Int32Array, Nodes, Rules


@inner
def insert_edge(nodes: Nodes, first: int, num_edges: int, action: int, logit: float) -> None:
    """Puts an action among edges that are sorted by logit, behind those with an equal one; the last makes room."""
    place = num_edges - 1
    while place > 0 and nodes.prior[first + place - 1] < logit:
        nodes.prior[first + place] = nodes.prior[first + place - 1]
        nodes.action[first + place] = nodes.action[first + place - 1]
        place -= 1
    nodes.prior[first + place] = logit
    nodes.action[first + place] = action


@kernel
def grow(nodes: Nodes, rows: Int32Array, logits: Float32Array, legal: UInt8Array, rules: Rules) -> None:
    """Gives nodes their edges: the K likeliest legal moves, with their probabilities among all legal ones.

    Args:
        nodes: changed in place.
        rows: int32 [L], which nodes.
        logits: float32 [L * 2187].
        legal: uint8 [L * 2187], 1 = legal; a node without legal moves gets no edges.
        rules: of the search.
    """
    for leaf in range(len(rows)):
        row, mask = signed(rows[leaf]), leaf * NUM_ACTIONS
        first, num_moves, num_edges = row * rules.num_edges, signed(0), signed(0)
        for action in range(NUM_ACTIONS):
            if legal[mask + action]:
                logit = logits[mask + action]
                num_moves += 1
                if num_edges < rules.num_edges:
                    num_edges += 1
                elif logit <= nodes.prior[first + num_edges - 1]:
                    continue
                insert_edge(nodes, first, num_edges, signed(action), logit)
        nodes.num_moves[row], nodes.num_edges[row] = num_moves, num_edges
        if num_edges == 0:
            continue
        top, mass = float(nodes.prior[first]), 0.0
        for action in range(NUM_ACTIONS):
            if legal[mask + action]:
                mass += math.exp(float(logits[mask + action]) - top)
        for edge in range(first, first + num_edges):
            nodes.prior[edge] = math.exp(float(nodes.prior[edge]) - top) / mass
