"""Lines of play that a tree of one game has found, and what they are worth."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from keisei_core.arena import Line
from keisei_core.shogi import action_to_usi, find_mates, legal_mask
from keisei_plugins_search.findings import Findings
from keisei_plugins_search.nodes import OVER
from keisei_plugins_search.search import Search


def best_lines(search: Search, findings: Findings, most: int) -> tuple[Line, ...]:
    """Returns the lines of the best moves, the best first: that of the move to play, and of others that were looked at.

    Args:
        search: of one game.
        findings: what it has found.
        most: how many at most.
    """
    best = int(findings.best_moves()[0])
    edges = {int(findings.action[0, edge]): int(edge) for edge in findings.order()[0]}
    looked_at = [action for action, edge in edges.items() if action >= 0 and findings.visits[0, edge] > 0]
    actions = [best, *(action for action in looked_at if action != best)][:most]
    return tuple(line(search, findings, action, edges.get(action)) for action in actions)


def line(search: Search, findings: Findings, action: int, edge: int | None) -> Line:
    """Returns the line that begins with an action of the root, an edge of it or a move that was not kept."""
    first = action_to_usi(search.positions.positions, action)
    if findings.mates[0, action]:
        return Line(moves=(first, *mate_after_first(search)), value=1.0, mate=int(search.nodes.plies_left[0]))
    if edge is None or findings.visits[0, edge] == 0:
        return Line(moves=(first,), value=float(findings.value[0]))
    proven, plies = int(findings.proven[0, edge]), int(findings.plies_left[0, edge]) + 1
    child = list(children(search, 0))[edge]
    return Line(
        moves=(first, *moves_from(search, child)),
        value=float(np.clip(findings.worth[0, edge], -1, 1)),
        mate=proven * plies if proven else None,
        visits=int(findings.visits[0, edge]),
    )


def mate_after_first(search: Search) -> Iterator[str]:
    """Yields the moves after the first of the mate that was found in the root, if it takes more than one."""
    branch = search.positions.empty(1)
    branch.assign(slice(1), search.positions, slice(1))
    for before, action in pairwise(search.mate_line[0]):
        if action < 0:
            return
        branch.play(np.array([before], np.int32))
        if branch.ending[0]:  # by declaration, which whoever mates may well be able to
            return
        yield action_to_usi(branch.positions, int(action))


def moves_from(search: Search, row: int) -> Iterator[str]:
    """Yields the best moves for both sides from a node downwards, as USI writes them."""
    nodes, positions = search.nodes, search.positions.positions
    while nodes.num_children[row] and nodes.visits[row] > 1:
        edge, child = max(enumerate(children(search, row)), key=lambda pair: liking(search, pair[1]))
        yield action_to_usi(positions, int(nodes.action[row * search.rules.num_edges + edge]), row)
        row = child
    if nodes.state[row] == OVER and nodes.proven[row] > 0 and nodes.plies_left[row] == 1:
        here = positions[row : row + 1]
        yield action_to_usi(here, int(find_mates(here, legal_mask(here))[0].argmax()))


def children(search: Search, row: int) -> Iterator[int]:
    """Yields the rows of a node's children, in the order of its edges."""
    child = int(search.nodes.first_child[row])
    while child >= 0:
        yield child
        child = int(search.nodes.next_sibling[child])


def liking(search: Search, child: int) -> tuple[int, int, float]:
    """Returns what a child is preferred by, as `Findings.order` prefers edges: proofs, visits, worth."""
    nodes = search.nodes
    visits, proven, plies = int(nodes.visits[child]), int(nodes.proven[child]), int(nodes.plies_left[child])
    if proven < 0:
        return 1, -plies, 0.0
    return (-1, plies, 0.0) if proven > 0 else (0, visits, float(nodes.total[child] / max(1, visits)))
