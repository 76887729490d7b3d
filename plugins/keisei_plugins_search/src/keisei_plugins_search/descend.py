"""From the root to a new node: the first half of a simulation, in all trees."""

from keisei_core.shogi.compile import inner, kernel, signed
from keisei_plugins_search.back_up import back_up
from keisei_plugins_search.gumbel import choose_by_halving, choose_by_improved_policy
from keisei_plugins_search.nodes import (
    HALVING,
    NOBODY,
    OPEN,
    PUCT,
    WAITING,
    Candidates,
    Leaves,
    Nodes,
    Progress,
    Rules,
    unlink,
)
from keisei_plugins_search.puct import NO_CHOICE, OPEN_NEXT, choose_by_puct


@inner
def walk(nodes: Nodes, tree: int, candidates: Candidates, due: int, rules: Rules) -> tuple[int, int]:
    """Follows a tree down; returns the last node that there is, and the last choice made in it."""
    root = tree * rules.num_nodes
    row, choice = signed(root), signed(NO_CHOICE)
    while nodes.state[row] == OPEN:
        if rules.algorithm == PUCT:
            choice = choose_by_puct(nodes, row, rules)
        elif rules.algorithm == HALVING and row == root:
            choice = choose_by_halving(nodes, tree, candidates, due, rules)
        else:
            choice = choose_by_improved_policy(nodes, row, rules)
        if choice < 0:
            break
        row = choice
    return row, choice


@inner
def add_child(nodes: Nodes, parent: int, row: int) -> None:
    """Gives the first edge of a node that has none a child, which waits for the network."""
    unlink(nodes, row)
    nodes.parent[row] = parent
    if nodes.first_child[parent] < 0:
        nodes.first_child[parent] = row
    else:
        nodes.next_sibling[nodes.last_child[parent]] = row
    nodes.last_child[parent] = row
    nodes.num_children[parent] += 1
    while row >= 0:
        nodes.flight[row] += 1
        row = signed(nodes.parent[row])


@kernel
def descend(
    low: int, high: int, nodes: Nodes, progress: Progress, candidates: Candidates, leaves: Leaves, rules: Rules
) -> None:
    """Walks the trees `low` to `high` until each has P new nodes, or is done.

    A simulation that ends in a node whose worth is known is backed up at once. A tree that comes to a node which is
    waiting for the network has no more to do in this step.

    Args:
        low, high: which trees.
        nodes, progress: changed in place.
        candidates: of the roots.
        leaves: overwritten.
        rules: of the search.
    """
    places = len(leaves.row) // len(progress.done)
    for tree in range(low, high):
        root, found = tree * rules.num_nodes, signed(0)
        while found < places and progress.done[tree] < progress.limit[tree] and nodes.proven[root] == 0:
            due = signed(0)
            if rules.algorithm == HALVING:
                due = signed(candidates.due[tree * (rules.num_nodes - 1) + progress.done[tree]])
            row, choice = walk(nodes, tree, candidates, due, rules)
            if nodes.state[row] == WAITING:
                break
            progress.done[tree] += 1
            if nodes.state[row] == OPEN and choice == OPEN_NEXT:
                new = signed(root + progress.num_nodes[tree])
                progress.num_nodes[tree] += 1
                place = tree * places + found
                leaves.row[place], leaves.parent[place] = new, row
                leaves.action[place] = nodes.action[row * rules.num_edges + nodes.num_children[row]]
                add_child(nodes, row, new)
                found += 1
            elif nodes.state[row] == OPEN:
                # All replies that are kept lose: the node is worth -1 to its mover.
                back_up(nodes, row, rules.discount, signed(0), rules.discount)
            else:
                back_up(nodes, row, nodes.total[row] / nodes.visits[row], signed(0), rules.discount)
        for place in range(tree * places + found, (tree + 1) * places):
            leaves.row[place] = NOBODY
