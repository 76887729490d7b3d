"""Choosing by PUCT: the value found so far, and a bonus for what the policy likes and was seldom looked at."""

import math
from typing import Final

from keisei_core.shogi.compile import inner, signed
from keisei_plugins_search.nodes import Nodes, Rules

OPEN_NEXT: Final = -1
"""Choice of the likeliest move that has no child yet."""
NO_CHOICE: Final = -2
"""Every move that is kept leads to a node that wins for the other side."""
LOWEST: Final = -1e30


@inner
def choose_by_puct(nodes: Nodes, row: int, rules: Rules) -> int:
    """Returns the row of the child to follow, `OPEN_NEXT` or `NO_CHOICE`.

    A simulation in flight counts as a visit that was lost, so that the next one goes elsewhere. Of equally good moves
    the likeliest is taken.
    """
    first = row * rules.num_edges
    visits = signed(nodes.visits[row]) + signed(nodes.flight[row])
    spread = rules.c_puct * math.sqrt(max(1.0, float(visits - 1)))
    best, highest, seen = signed(NO_CHOICE), LOWEST, 0.0
    child, edge = signed(nodes.first_child[row]), first
    while child >= 0:
        prior = float(nodes.prior[edge])
        seen += prior
        if nodes.proven[child] <= 0:
            tries = float(nodes.visits[child] + nodes.flight[child])
            score = (nodes.total[child] - nodes.flight[child]) / tries + spread * prior / (1.0 + tries)
            if score > highest:
                best, highest = child, score
        child, edge = signed(nodes.next_sibling[child]), edge + 1
    if nodes.num_children[row] < nodes.num_edges[row]:
        own_value = -nodes.total[row] / (rules.discount * max(1, nodes.visits[row]))
        score = own_value - rules.fpu * math.sqrt(seen) + spread * float(nodes.prior[edge])
        if score > highest:
            best = signed(OPEN_NEXT)
    return best
