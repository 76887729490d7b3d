"""A part of a tree as a tree of its own: what is kept when the game has gone on.

Shape key: M nodes are kept.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi.compile import kernel, signed
from keisei_plugins_search.nodes import NOBODY, Int32Array, Nodes, new_nodes


@kernel
def number_subtree(nodes: Nodes, root: int, num_nodes: int, numbers: Int32Array) -> None:
    """Numbers the nodes from `root` downwards, which gets 0, in their order; a child always stands behind its parent.

    Args:
        nodes: of one tree, none of which is waiting for the network.
        root: row of the node that everything kept grew from.
        num_nodes: nodes in use.
        numbers: int32 [`num_nodes` + 1], all -1 before; left so where a node is not kept, and at the end for no node.
    """
    numbers[root], count = 0, signed(1)
    for row in range(root + 1, num_nodes):
        parent = signed(nodes.parent[row])
        if parent >= 0 and numbers[parent] >= 0:
            numbers[row] = count
            count += 1


def subtree(nodes: Nodes, root: int, num_nodes: int) -> tuple[Nodes, NDArray[np.int64]]:
    """Copies the part of a tree that grew from one of its nodes, with all visits, worths and proofs.

    Args:
        nodes: of one tree; they stay as they are.
        root: row of that node.
        num_nodes: nodes in use.

    Returns:
        As much room as in `nodes`, the copies in its first rows, the new root at the top; and int64 [M], the rows that
        they are copies of.
    """
    numbers = np.full(num_nodes + 1, NOBODY, np.int32)
    number_subtree(nodes, root, num_nodes, numbers)
    rows = np.flatnonzero(numbers >= 0)
    kept = new_nodes(1, len(nodes.state), len(nodes.action) // len(nodes.state))
    pairs: Any = zip(nodes, kept, strict=True)
    for array, copy in pairs:
        width = len(array) // len(nodes.state)
        np.take(array.reshape(-1, width), rows, axis=0, out=copy.reshape(-1, width)[: len(rows)], mode="clip")
    for links in (kept.parent, kept.first_child, kept.last_child, kept.next_sibling):
        links[: len(rows)] = numbers[links[: len(rows)]]
    kept.parent[0] = kept.next_sibling[0] = NOBODY
    return kept, rows
