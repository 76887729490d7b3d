"""What a finished simulation tells the nodes above its last one: values, and what they prove."""

from keisei_core.shogi import NUM_ACTIONS, UInt8Array
from keisei_core.shogi.compile import inner, kernel, signed, stage
from keisei_plugins_search.grow import grow
from keisei_plugins_search.nodes import OPEN, Float32Array, Leaves, Nodes, Rules


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
def finish_simulations(
    low: int,
    high: int,
    nodes: Nodes,
    leaves: Leaves,
    logits: Float32Array,
    values: Float32Array,
    legal: UInt8Array,
    rules: Rules,
) -> None:
    """Backs up the simulations that were in flight, in order; what the network has seen gets its value and its edges.

    Args:
        low, high: which places of the leaves: all of some trees.
        nodes: changed in place; what the last nodes prove by themselves is noted in them.
        leaves: the nodes that the simulations ended in.
        logits: float32 [asked * 2187], of the network.
        values: float32 [asked], of the network.
        legal: uint8 [G * P * 2187], legal moves of the leaves.
        rules: of the search.
    """
    for place in range(low, high):
        row, asked, worth = signed(leaves.row[place]), signed(leaves.asked[place]), float(leaves.worth[place])
        if row < 0:
            continue
        if asked >= 0:
            nodes.value[row] = values[asked]
            worth = -rules.discount * float(values[asked])
        if asked >= 0 and nodes.state[row] == OPEN:
            grow(nodes, row, logits, logits, asked * NUM_ACTIONS, legal, place * NUM_ACTIONS, rules)
        back_up(nodes, row, worth, signed(1), rules.discount)
        if nodes.proven[row] != 0:
            prove_upwards(nodes, row)
