"""What a finished simulation tells the nodes above its last one: values, and what they prove."""

from keisei_core.shogi.compile import inner, kernel, signed, stage
from keisei_plugins_search.nodes import Float64Array, Int32Array, Nodes


@inner
def back_up(nodes: Nodes, row: int, worth: float, in_flight: int, discount: float) -> None:
    """Adds a simulation to a node and to all above it.

    Args:
        nodes: changed in place.
        row: the node that it ended in.
        worth: of the move into that node, for who made it.
        in_flight: 1 where the simulation was counted as in flight.
        discount: of a value per ply.
    """
    while row >= 0:
        nodes.visits[row] += 1
        nodes.flight[row] -= in_flight
        nodes.total[row] += worth
        worth *= -discount
        row = signed(nodes.parent[row])


@stage
def longest_defence(nodes: Nodes, row: int) -> int:
    """Returns how many plies the child holds out that loses latest; all children are known to win for their mover."""
    longest = signed(0)
    child = signed(nodes.first_child[row])
    while child >= 0:
        longest = max(longest, signed(nodes.plies_left[child]))
        child = signed(nodes.next_sibling[child])
    return longest


@inner
def prove_upwards(nodes: Nodes, row: int) -> None:
    """Proves what follows for the nodes above one that has just been proven."""
    above = signed(nodes.parent[row])
    while above >= 0:
        if nodes.proven[row] > 0:
            nodes.num_lost[above] += 1
        if nodes.proven[above] != 0:
            return
        if nodes.proven[row] < 0:
            nodes.proven[above] = 1
            nodes.plies_left[above] = nodes.plies_left[row] + 1
        elif nodes.num_lost[above] == nodes.num_moves[above]:
            nodes.proven[above] = -1
            nodes.plies_left[above] = longest_defence(nodes, above) + 1
        else:
            return
        row = above
        above = signed(nodes.parent[row])


@kernel
def finish_simulations(nodes: Nodes, rows: Int32Array, worth: Float64Array, discount: float) -> None:
    """Backs up the simulations that were in flight, in order.

    Args:
        nodes: changed in place; what the last nodes prove by themselves is noted in them.
        rows: int32 [L], the nodes that the simulations ended in.
        worth: float64 [L], of the moves into them, for who made them.
        discount: of a value per ply.
    """
    for leaf in range(len(rows)):
        row = signed(rows[leaf])
        back_up(nodes, row, float(worth[leaf]), signed(1), discount)
        if nodes.proven[row] != 0:
            prove_upwards(nodes, row)
