"""The nodes of many trees side by side, in flat arrays; their positions stand beside them as `Branches`.

A node is worth what the move into it is worth, seen by who made it: +1 wins, a move later it counts `discount` times as
much for the other side with the sign turned. Its edges are sorted by the policy and only the best K are kept; since
moves that nobody has looked at yet share one value, the best of them is always the next one, and a choice reads the
children and one edge more. Children stand in the order of their edges, so the first child is that of the first edge.

Shape key: G trees, N nodes each, K edges each. Node n of tree g stands in row g * N + n; its root is row g * N.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi import UInt8Array
from keisei_core.shogi.compile import inner

Int8Array = NDArray[np.int8]
Int16Array = NDArray[np.int16]
Int32Array = NDArray[np.int32]
Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]

WAITING: Final = 0
"""State of a node that the network is about to see; also of one that is not used."""
OPEN: Final = 1
"""Has edges."""
OVER: Final = 2
"""The line ends here: by the rules, by a repetition, by a mate that was found, or at the cap on plies."""
NOBODY: Final = -1
"""Row of a node that does not exist."""


PUCT: Final = 0
GUMBEL: Final = 1
HALVING: Final = 2


class Nodes(NamedTuple):
    """All nodes of all trees."""

    state: UInt8Array
    """uint8 [G * N]."""
    parent: Int32Array
    """int32 [G * N], row; -1 of a root."""
    first_child: Int32Array
    """int32 [G * N], row; -1 where there is none."""
    last_child: Int32Array
    """int32 [G * N]."""
    next_sibling: Int32Array
    """int32 [G * N]."""
    visits: Int32Array
    """int32 [G * N], simulations through the node that are done, its own evaluation included."""
    flight: Int32Array
    """int32 [G * N], simulations through the node whose last position is at the network."""
    total: Float64Array
    """float64 [G * N], sum over the visits of what the move into the node was worth to who made it."""
    value: Float32Array
    """float32 [G * N], the network's V for the mover of the node, -1 to 1; 0 where it was not asked."""
    proven: Int8Array
    """int8 [G * N], 1 where the mover of the node wins for sure, -1 where he loses, 0 where that is not known."""
    plies_left: Int16Array
    """int16 [G * N], plies to that end: 0 of a mated player, 1 of who mates."""
    num_moves: Int16Array
    """int16 [G * N], legal moves, those that are not kept included; of a root those that may be played."""
    num_edges: UInt8Array
    """uint8 [G * N], edges kept."""
    num_children: UInt8Array
    """uint8 [G * N], edges that have a child: always the first ones."""
    num_lost: Int16Array
    """int16 [G * N], children proven to win for their mover, so that moving there loses."""
    action: Int16Array
    """int16 [G * N * K], of the edges, the likeliest first."""
    prior: Float32Array
    """float32 [G * N * K], probability of the edges' actions among all moves."""


class Rules(NamedTuple):
    """What is the same for all trees of a search."""

    num_nodes: int
    """N."""
    num_edges: int
    """K."""
    discount: float
    algorithm: int
    """`PUCT`, `GUMBEL`, or `HALVING`: as `GUMBEL`, but in the root sequential halving of its candidates."""
    c_puct: float
    fpu: float
    c_visit: float
    c_scale: float


class Progress(NamedTuple):
    """How far each tree is."""

    num_nodes: Int32Array
    """int32 [G], nodes in use."""
    done: Int32Array
    """int32 [G], simulations begun."""
    limit: Int32Array
    """int32 [G], simulations to be made."""


class Candidates(NamedTuple):
    """What sequential halving needs; no places where it is not used."""

    liking: Float32Array
    """float32 [G * K], of the edge k of the root of tree g in place g * K + k: Gumbel noise plus logit; roots have
    their edges in the order of this number."""
    due: Int32Array
    """int32 [G * (N - 1)], how many visits a candidate has that is visited by each simulation of a tree."""


class Leaves(NamedTuple):
    """The new nodes of one step, P places for each tree."""

    row: Int32Array
    """int32 [G * P], -1 where a place is not taken."""
    parent: Int32Array
    """int32 [G * P], rows."""
    action: Int32Array
    """int32 [G * P], the move into each."""
    worth: Float64Array
    """float64 [G * P], of that move, for who made it; not yet where the network is asked."""
    asked: Int32Array
    """int32 [G * P], which of the positions that the network is asked about, -1 where it is not."""


def new_leaves(num_places: int) -> Leaves:
    """Makes room for G * P new nodes."""
    row, parent, action, asked = np.full((4, num_places), NOBODY, np.int32)
    return Leaves(row, parent, action, np.zeros(num_places, np.float64), asked)


def new_nodes(num_trees: int, num_nodes: int, num_edges: int) -> Nodes:
    """Makes room for trees of N nodes with K edges each; all zeros, memory that is taken only once it is written to.

    Who uses a node first sets its links, by `unlink`.
    """
    rows = num_trees * num_nodes
    return Nodes(
        state=np.zeros(rows, np.uint8),
        parent=np.zeros(rows, np.int32),
        first_child=np.zeros(rows, np.int32),
        last_child=np.zeros(rows, np.int32),
        next_sibling=np.zeros(rows, np.int32),
        visits=np.zeros(rows, np.int32),
        flight=np.zeros(rows, np.int32),
        total=np.zeros(rows, np.float64),
        value=np.zeros(rows, np.float32),
        proven=np.zeros(rows, np.int8),
        plies_left=np.zeros(rows, np.int16),
        num_moves=np.zeros(rows, np.int16),
        num_edges=np.zeros(rows, np.uint8),
        num_children=np.zeros(rows, np.uint8),
        num_lost=np.zeros(rows, np.int16),
        action=np.zeros(rows * num_edges, np.int16),
        prior=np.zeros(rows * num_edges, np.float32),
    )


@inner
def unlink(nodes: Nodes, row: int) -> None:
    """Leaves a node without parent, children and siblings."""
    nodes.parent[row] = NOBODY
    nodes.first_child[row] = NOBODY
    nodes.last_child[row] = NOBODY
    nodes.next_sibling[row] = NOBODY


def bytes_per_node(num_edges: int) -> int:
    """Returns the memory of a node without its position."""
    return sum(array.nbytes for array in new_nodes(1, 1, num_edges))
