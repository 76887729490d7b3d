"""Choosing as Gumbel MuZero does: sequential halving of a root's candidates, and below by the improved policy.

Danihelka et al., "Policy improvement by planning with Gumbel" (ICLR 2022); worth is -1 to 1 here and not rescaled.
Moves that lose for sure are as good as illegal: they are neither followed nor counted.
"""

import math
from typing import Final

from keisei_core.shogi.compile import inner, signed
from keisei_plugins_search.nodes import Candidates, Nodes, Rules
from keisei_plugins_search.puct import LOWEST, NO_CHOICE, OPEN_NEXT

TOO_MANY: Final = 1 << 32
"""A visit too many is worse than any number too few."""
NEVER: Final = 1 << 40


@inner
def worth_of(nodes: Nodes, child: int, rules: Rules) -> float:
    """Returns what the move into a node that has been visited is worth to who made it."""
    if nodes.proven[child] != 0:
        return -float(nodes.proven[child]) * math.pow(rules.discount, float(nodes.plies_left[child]))
    return float(nodes.total[child] / nodes.visits[child])


@inner
def mixed_value(nodes: Nodes, row: int, rules: Rules) -> float:
    """Returns what moves that nobody looked at are taken to be worth; see `Findings.mixed_value`."""
    mass, mean, num_visits = 0.0, 0.0, signed(0)
    child, edge = signed(nodes.first_child[row]), row * rules.num_edges
    while child >= 0:
        if nodes.visits[child] > 0 and nodes.proven[child] <= 0:
            prior = float(nodes.prior[edge])
            mass += prior
            mean += prior * worth_of(nodes, child, rules)
            num_visits += signed(nodes.visits[child])
        child, edge = signed(nodes.next_sibling[child]), edge + 1
    if mass <= 0.0:
        return float(nodes.value[row])
    return (float(nodes.value[row]) + num_visits * mean / mass) / (1.0 + num_visits)


@inner
def steepness(nodes: Nodes, row: int, rules: Rules) -> float:
    """Returns how much a worth of 1 adds to a logit; see `Findings.sigma`."""
    most = signed(0)
    child = signed(nodes.first_child[row])
    while child >= 0:
        most = max(most, signed(nodes.visits[child]))
        child = signed(nodes.next_sibling[child])
    return (rules.c_visit + most) * rules.c_scale


@inner
def choose_by_improved_policy(nodes: Nodes, row: int, rules: Rules) -> int:
    """Returns the row of the child to follow, `OPEN_NEXT` or `NO_CHOICE`.

    It is the move whose probability under the improved policy is furthest above its share of the visits, those in
    flight included. Of equally good moves the likeliest is taken.
    """
    mixed, scale = mixed_value(nodes, row, rules), steepness(nodes, row, rules)
    # Weights are of the unseen moves' sigma: exp(scale * (worth - mixed)), less what keeps the largest at 1.
    highest, seen, num_visits = mixed, 0.0, signed(0)
    child, edge = signed(nodes.first_child[row]), row * rules.num_edges
    while child >= 0:
        seen += float(nodes.prior[edge])
        if nodes.proven[child] <= 0:
            num_visits += signed(nodes.visits[child]) + signed(nodes.flight[child])
            if nodes.visits[child] > 0:
                highest = max(highest, worth_of(nodes, child, rules))
        child, edge = signed(nodes.next_sibling[child]), edge + 1
    unseen = math.exp(scale * (mixed - highest))
    total = max(0.0, 1.0 - seen) * unseen
    child, edge = signed(nodes.first_child[row]), row * rules.num_edges
    while child >= 0:
        if nodes.proven[child] <= 0:
            total += float(nodes.prior[edge]) * weight_of(nodes, child, highest, unseen, scale, rules)
        child, edge = signed(nodes.next_sibling[child]), edge + 1
    total = max(total, 1e-300)
    best, top = signed(NO_CHOICE), LOWEST
    child, edge = signed(nodes.first_child[row]), row * rules.num_edges
    while child >= 0:
        if nodes.proven[child] <= 0:
            share = float(nodes.visits[child] + nodes.flight[child]) / (1.0 + num_visits)
            score = float(nodes.prior[edge]) * weight_of(nodes, child, highest, unseen, scale, rules) / total - share
            if score > top:
                best, top = child, score
        child, edge = signed(nodes.next_sibling[child]), edge + 1
    if nodes.num_children[row] < nodes.num_edges[row] and float(nodes.prior[edge]) * unseen / total > top:
        best = signed(OPEN_NEXT)
    return best


@inner
def weight_of(nodes: Nodes, child: int, highest: float, unseen: float, scale: float, rules: Rules) -> float:
    """Returns how much more likely than the policy says the improved one holds a move, but for a factor."""
    if nodes.visits[child] == 0:
        return unseen
    return math.exp(scale * (worth_of(nodes, child, rules) - highest))


@inner
def choose_by_halving(nodes: Nodes, tree: int, candidates: Candidates, due: int, rules: Rules) -> int:
    """Returns the root's child to follow, `OPEN_NEXT` or `NO_CHOICE`.

    Of the candidates with as many visits as are due, those in flight included, the one that noise, logit and worth put
    first. Where none has so many, because another was proven to lose, those with fewer come before those with more.
    Where all of them lose for sure, the next best move becomes a candidate; `nodes.num_edges` counts it.
    """
    row, edge = tree * rules.num_nodes, tree * rules.num_edges
    mixed, scale = mixed_value(nodes, row, rules), steepness(nodes, row, rules)
    best, least, top = signed(NO_CHOICE), signed(NEVER), 0.0
    child = signed(nodes.first_child[row])
    while child >= 0:
        if nodes.proven[child] <= 0:
            worth = worth_of(nodes, child, rules) if nodes.visits[child] > 0 else mixed
            off = amiss(due - signed(nodes.visits[child]) - signed(nodes.flight[child]))
            score = float(candidates.liking[edge]) + scale * worth
            if off < least or (off == least and score > top):
                best, least, top = child, off, score
        child, edge = signed(nodes.next_sibling[child]), edge + 1
    if nodes.num_children[row] < nodes.num_edges[row]:
        off, score = amiss(due), float(candidates.liking[edge]) + scale * mixed
        if off < least or (off == least and score > top):
            best = signed(OPEN_NEXT)
    if best == NO_CHOICE and signed(nodes.num_edges[row]) < min(rules.num_edges, signed(nodes.num_moves[row])):
        nodes.num_edges[row] += 1
        best = signed(OPEN_NEXT)
    return best


@inner
def amiss(missing: int) -> int:
    """Returns how badly a candidate fits that lacks so many visits, or has as many too many where negative."""
    return missing if missing >= 0 else TOO_MANY - missing


def visits_due(num_candidates: int, num_simulations: int) -> list[int]:
    """Returns how many visits the candidate has that is to be visited by each simulation, in turn.

    Sequential halving: as many rounds as the candidates can be halved, each with an equal share of the simulations,
    which the candidates of the round share; what is left over goes on with the last two.
    """
    if num_candidates <= 1:
        return list(range(num_simulations))
    rounds = math.ceil(math.log2(num_candidates))
    visits, alive = [0] * num_candidates, num_candidates
    due: list[int] = []
    while len(due) < num_simulations:
        for _ in range(max(1, num_simulations // (rounds * alive))):
            due += visits[:alive]
            visits[:alive] = [count + 1 for count in visits[:alive]]
        alive = max(2, alive // 2)
    return due[:num_simulations]
