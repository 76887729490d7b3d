"""The search against the same search in slow plain Python: one tree, one simulation at a time, every field compared.

The reference knows the rules by `Games` alone: a node keeps a game's state, and repetition is looked up in a list.
"""

import math
import os
from collections import Counter

import numpy as np
import pytest

from keisei_core.shogi import Branches, Ending, Games, Starts
from keisei_plugins_search.nodes import OPEN, OVER
from keisei_plugins_search.search import Search, SearchSettings

MAX_PLIES = 70
STARTS = {
    "whole board": ["startpos"],
    "few pieces": [
        "k8/9/KR7/9/9/9/9/9/9 b - 1",
        "7+R1/9/9/9/9/9/k8/9/K8 b - 1",
        "l1k6/l8/9/9/9/9/9/9/K7R b - 1",
        "k8/2R6/2K6/9/9/9/9/9/9 w - 1",
        "kg7/lg7/9/2R6/9/9/7GL/7G1/8K b - 1",
    ],
    "close to mates": [
        "k8/9/1P7/9/9/9/9/9/K8 b 2G 1",
        "7nk/9/7pN/9/9/9/9/9/K8 b 2GS 1",
        "l6nk/6g2/8p/9/8L/9/9/9/4K4 b RGSr2g2s 1",
        "8k/7p1/7G1/9/9/9/p8/9/K8 w gs2b 1",
    ],
    "one move holds": ["4s3b/l2gg1rsl/1+Snp1pn2/kP7/p3p1p1p/P1GP2PpP/2N1PPSP1/LB1R5/3K1G1NL w 3P 1"],
    "close to declaring": [
        "+R+B2K4/PPPPPPPP1/9/9/9/9/9/9/8k b RB2G 1",
        "+R+B1GK4/PPPPPPP2/3G5/9/9/9/9/4p4/8k b RB2G 1",
    ],
}


NUM_TREES = int(os.environ.get("KEISEI_SEARCH_TREES", "1000")) // 25
SEEN = Counter()
EXPECTED = (
    "mate in one",
    "MATE",
    "DECLARATION",
    "REPETITION",
    "REPETITION ahead",
    "PERPETUAL_CHECK_BY_MOVER ahead",
    "PERPETUAL_CHECK_BY_OPPONENT ahead",
    "MAX_PLIES",
    "nobody due",
    "another candidate",
    "proven 1",
    "proven -1",
)


class Node:
    """A position on the way, and what is known of it; the worth of the move into it is its maker's."""

    def __init__(self, state, parent, action):
        self.state, self.parent, self.action = state, parent, action
        self.visits, self.flight, self.worth_sum, self.own_sum, self.value = 0, 0, 0.0, 0.0, 0.0
        self.children, self.order, self.priors, self.logits = {}, [], {}, {}
        self.proven, self.plies_left, self.num_legal, self.worth = 0, 0, 0, None
        self.is_waiting = parent is not None


class Reference:
    """One tree."""

    def __init__(self, games, row, past, network, settings, legal, limit, gumbels):
        self.network, self.settings, self.past, self.gumbels = network, settings, past, gumbels
        self.games = Games(1, max_plies=games.max_plies)
        state = {name: array[row : row + 1] for name, array in games.state().items()}
        self.seen = Counter()
        self.nodes = [Node(state, None, -1)]
        self.num_done = 0
        root = self.nodes[0]
        self.games.load_state(state)
        self.ask(root, legal)
        if settings.halves:
            self.nominate(root, limit)
        root.visits, root.own_sum, root.worth_sum = 1, root.value, -settings.discount * root.value
        if self.mates(legal):
            root.proven, root.plies_left = 1, 1

    def ask(self, node, legal):
        logits, values = self.network.numbers(self.games.positions)
        node.value = float(np.float32(values[0]))
        actions = [int(action) for action in np.flatnonzero(legal)]
        node.num_legal = len(actions)
        if not actions:
            return
        top = max(float(logits[0, action]) for action in actions)
        mass = sum(math.exp(float(logits[0, action]) - top) for action in actions)
        node.logits = {action: logits[0, action] for action in actions}
        node.order = sorted(actions, key=lambda action: -logits[0, action])[: self.settings.moves]
        chance = {action: math.exp(float(logits[0, action]) - top) / mass for action in node.order}
        node.priors = {action: float(np.float32(share)) for action, share in chance.items()}

    def nominate(self, root, limit):
        """Leaves the root its candidates, those that logit and noise like best."""
        number = min(self.settings.candidates, self.settings.moves, max(1, limit))
        self.liking = {action: logit + self.gumbels[action] for action, logit in root.logits.items()}
        self.ranked = sorted(root.logits, key=lambda action: -self.liking[action])[: self.settings.moves]
        root.order = self.ranked[:number]
        top = max(float(logit) for logit in root.logits.values())
        mass = sum(math.exp(float(logit) - top) for logit in root.logits.values())
        chance = {action: math.exp(float(root.logits[action]) - top) / mass for action in self.ranked}
        root.priors = {action: float(np.float32(share)) for action, share in chance.items()}
        self.due = halving(len(root.order), limit)

    def mates(self, legal):
        actions = np.flatnonzero(legal).astype(np.int32)
        tried = Branches.of_games(self.games, np.zeros(len(actions), np.int64))
        tried.play(actions)
        return bool(((tried.ending == Ending.MATE) & (tried.positions.in_check == 1)).any())

    def choose(self, node):
        """Returns the child or the action of a new one, None if all that is kept loses."""
        if self.settings.algorithm == "puct":
            return self.choose_by_puct(node)
        living = [action for action in node.order if action not in node.children or node.children[action].proven < 1]
        if not living and node.parent is None and self.settings.halves and len(node.order) < len(self.ranked):
            self.seen["another candidate"] += 1
            node.order.append(self.ranked[len(node.order)])
            return node.order[-1]
        if not living:
            return None
        tries = {action: tries_of(node.children.get(action)) for action in living}
        completed, scale = self.completed(node)
        if node.parent is None and self.settings.halves:
            due = self.due[self.num_done]
            fitting = [action for action in living if tries[action] == due]
            if not fitting:
                self.seen["nobody due"] += 1
                fewer = [count for count in tries.values() if count < due]
                nearest = max(fewer) if fewer else min(tries.values())
                fitting = [action for action in living if tries[action] == nearest]
            best = max(fitting, key=lambda action: float(self.liking[action]) + scale * completed[action])
        else:
            improved = self.improved(node, completed, scale)
            num_tries = sum(tries.values())
            best = max(living, key=lambda action: improved[action] - tries[action] / (1 + num_tries))
        return node.children.get(best, best)

    def completed(self, node):
        """Returns what each legal move is worth, and how much that adds to its logit."""
        counted = [child for child in node.children.values() if child.visits > 0 and child.proven < 1]
        num_visits = sum(child.visits for child in counted)
        mixed = node.value
        if counted:
            weights = [node.priors[child.action] for child in counted]
            mean = sum(w * self.worth_of(child) for w, child in zip(weights, counted, strict=True)) / sum(weights)
            mixed = (node.value + num_visits * mean) / (1 + num_visits)
        most = max((child.visits for child in node.children.values()), default=0)
        worths = dict.fromkeys(node.logits, mixed) | {
            action: self.worth_of(child) for action, child in node.children.items() if child.visits > 0
        }
        return worths, (self.settings.c_visit + most) * self.settings.c_scale

    def worth_of(self, child):
        discount = self.settings.discount
        return -child.proven * discount**child.plies_left if child.proven else child.worth_sum / child.visits

    def improved(self, node, completed, scale):
        """The softmax of logits and completed worth over all legal moves but those that lose for sure."""
        lost = {action for action, child in node.children.items() if child.proven == 1}
        scores = {
            action: float(logit) + scale * completed[action]
            for action, logit in node.logits.items()
            if action not in lost
        }
        top = max(scores.values())
        weights = {action: math.exp(score - top) for action, score in scores.items()}
        return {action: weight / sum(weights.values()) for action, weight in weights.items()}

    def choose_by_puct(self, node):
        settings = self.settings
        spread = settings.c_puct * math.sqrt(max(1, node.visits + node.flight - 1))
        best, highest = None, -math.inf
        for action, child in node.children.items():
            if child.proven == 1:
                continue
            tries = child.visits + child.flight
            score = (child.worth_sum - child.flight) / tries + spread * node.priors[action] / (1 + tries)
            if score > highest:
                best, highest = child, score
        rest = [action for action in node.order if action not in node.children]
        if rest:
            seen = sum(node.priors[action] for action in node.children)
            guess = node.own_sum / max(1, node.visits) - settings.fpu * math.sqrt(seen)
            if guess + spread * node.priors[rest[0]] > highest + 1e-12:
                best = rest[0]
        return best

    def walk(self):
        node, chosen = self.nodes[0], None
        while node.worth is None and not node.is_waiting:
            chosen = self.choose(node)
            if not isinstance(chosen, Node):
                break
            node = chosen
        return node, chosen

    def step(self, limit):
        waiting = []
        while len(waiting) < self.settings.leaves and self.num_done < limit and not self.nodes[0].proven:
            node, chosen = self.walk()
            if node.is_waiting:
                break
            self.num_done += 1
            if node.worth is not None:
                self.finish(node, node.worth)
            elif chosen is None:
                self.seen["no hope"] += 1
                self.finish(node, self.settings.discount)
            else:
                waiting.append(self.add(node, chosen))
        for node in waiting:
            self.finish(node, self.judge(node), flight=1)
            self.prove(node)

    def add(self, parent, action):
        self.games.load_state(parent.state)
        self.games.step(np.array([action], np.int32), reset=False)
        node = Node(self.games.state(), parent, action)
        node.name = name_of(self.now())
        parent.children[action] = node
        self.nodes.append(node)
        while parent is not None:
            parent.flight += 1
            parent = parent.parent
        node.flight = 1
        return node

    def now(self):
        return self.games.final if self.games.ending[0] else self.games.positions

    def recurrence(self, node):
        """What going in circles would lead to, None where the position is new."""
        line = []
        at = node
        while at.parent is not None:
            line.append(at.name)
            at = at.parent
        line += self.past[::-1]
        for distance in range(2, len(line), 2):
            if line[distance][0] == line[0][0]:
                if all(check for _, check in line[0:distance:2]):
                    return Ending.PERPETUAL_CHECK_BY_MOVER
                if all(check for _, check in line[1:distance:2]):
                    return Ending.PERPETUAL_CHECK_BY_OPPONENT
                return Ending.REPETITION
        return None

    def judge(self, node):
        """Returns what the move into a new node is worth."""
        node.is_waiting = False
        self.games.load_state(node.state)
        ending = Ending(int(self.games.ending[0]))
        again = self.recurrence(node)
        if ending not in (Ending.NONE, Ending.MAX_PLIES):
            self.seen[ending.name] += 1
            node.worth = 2 * ending.points - 1
            node.proven = -int(node.worth)
        elif again is not None and ending == Ending.NONE:
            self.seen[f"{again.name} ahead"] += 1
            node.worth = 2 * again.points - 1
        elif ending == Ending.NONE and self.mates(self.games.legal[0]):
            self.seen["mate in one"] += 1
            node.worth, node.proven, node.plies_left = -self.settings.discount, 1, 1
        else:
            if ending == Ending.MAX_PLIES:
                self.seen["MAX_PLIES"] += 1
                node.value = float(np.float32(self.network.numbers(self.games.final)[1][0]))
                node.worth = -self.settings.discount * node.value
            else:
                self.ask(node, self.games.legal[0])
            return -self.settings.discount * node.value
        return node.worth

    def finish(self, node, worth, flight=0):
        own = node.value if node.worth is None and node.visits == 0 else -worth / self.settings.discount
        while node is not None:
            node.visits, node.flight = node.visits + 1, node.flight - flight
            node.worth_sum, node.own_sum = node.worth_sum + worth, node.own_sum + own
            own, worth = worth, -self.settings.discount * worth
            node = node.parent

    def prove(self, node):
        """Proves nodes anew from all of their children."""
        while node.proven and node.parent is not None and not node.parent.proven:
            children = node.parent.children.values()
            lost = [child.plies_left for child in children if child.proven == -1]
            if lost:
                node.parent.proven, node.parent.plies_left = 1, node.plies_left + 1
            elif sum(child.proven == 1 for child in children) == node.parent.num_legal:
                node.parent.proven, node.parent.plies_left = -1, 1 + max(child.plies_left for child in children)
            node = node.parent


def tries_of(child):
    return 0 if child is None else child.visits + child.flight


def halving(num_candidates, num_simulations):
    """How many visits the candidate due in each simulation has, played out with candidates instead of counted.

    As many rounds as it takes to be left with one; each gives the candidates still in it the same visits.
    """
    if num_candidates == 1:
        return list(range(num_simulations))
    num_rounds = math.ceil(math.log2(num_candidates))
    visits, left, due = dict.fromkeys(range(num_candidates), 0), list(range(num_candidates)), []
    while len(due) < num_simulations:
        for _ in range(max(1, math.floor(num_simulations / (num_rounds * len(left))))):
            for number in left:
                due.append(visits[number])
                visits[number] += 1
        left = left[: max(2, len(left) // 2)]
    return due[:num_simulations]


def name_of(positions):
    """What repetition compares, and whether the mover is in check."""
    parts = positions.board, positions.hands, positions.side_to_move
    return b"".join(array.tobytes() for array in parts), bool(positions.in_check[0])


def played(sfens, num_games, num_plies, seed):
    """Games after so many plies, none of which ends one; where they can, most check or bring a position back."""
    games = Games(num_games, max_plies=MAX_PLIES, starts=Starts.from_sfens(sfens), seed=seed)
    pasts = [[name_of(games.positions[row : row + 1])] for row in range(num_games)]
    random = np.random.default_rng(seed)
    for _ in range(num_plies):
        rows, moves = np.nonzero(games.legal)
        tried = Branches.of_games(games, rows)
        tried.play(moves.astype(np.int32))
        wanted = (tried.recurrence > 0) + 1.0 * (tried.positions.in_check * tried.positions.side_to_move)
        liking = random.random(len(rows)) + (random.random(len(rows)) < 0.9) * wanted
        actions = np.full(num_games, -1, np.int32)
        for index in np.argsort(np.where(tried.ending > 0, -1, liking)):
            actions[rows[index]] = moves[index] if tried.ending[index] == 0 else -1
        games.step(actions, reset=False)
        for row in np.flatnonzero(actions >= 0):
            pasts[row].append(name_of(games.positions[row : row + 1]))
    return games, pasts


def require_same(reference, search, tree):
    """Compares every field of every node of a tree."""
    nodes, first = search.nodes, tree * search.rules.num_nodes
    number = {node: row for row, node in enumerate(reference.nodes, first)}
    number[None] = -1
    assert search.progress.num_nodes[tree] == len(reference.nodes)
    assert search.progress.done[tree] == reference.num_done
    for row, node in enumerate(reference.nodes, first):
        children = list(node.children.values())
        siblings = list(node.parent.children.values()) if node.parent else [node]
        after = siblings[siblings.index(node) + 1 :]
        expected = {
            "state": OPEN if node.worth is None else OVER,
            "parent": number[node.parent],
            "first_child": number[children[0]] if children else -1,
            "last_child": number[children[-1]] if children else -1,
            "next_sibling": number[after[0]] if after else -1,
            "visits": node.visits,
            "flight": node.flight,
            "value": np.float32(node.value),
            "proven": node.proven,
            "plies_left": node.plies_left,
            "num_moves": node.num_legal,
            "num_edges": len(node.order),
            "num_children": len(children),
            "num_lost": sum(child.proven == 1 for child in children),
        }
        assert {name: getattr(nodes, name)[row] for name in expected} == expected
        assert nodes.total[row] == pytest.approx(node.worth_sum, abs=1e-9)
        assert -nodes.total[row] / search.rules.discount == pytest.approx(node.own_sum, abs=1e-9)
        edges = slice(row * search.rules.num_edges, row * search.rules.num_edges + len(node.order))
        assert nodes.action[edges].tolist() == node.order
        assert nodes.prior[edges].tolist() == pytest.approx([node.priors[action] for action in node.order], rel=1e-6)
        assert [child.action for child in children] == node.order[: len(children)]
        reference.games.load_state(node.state)
        now = reference.now().arrays()
        stored = search.positions.positions[row : row + 1].arrays()
        assert all(np.array_equal(array, stored[name]) for name, array in now.items())


CASES = [
    ("whole board", 40, 24, SearchSettings()),
    ("whole board", 30, 24, SearchSettings(leaves=4, c_puct=2.0, fpu=0.0)),
    ("whole board", MAX_PLIES - 3, 24, SearchSettings(moves=8, discount=0.9)),
    ("close to mates", 0, 60, SearchSettings(moves=2)),
    ("close to mates", 4, 60, SearchSettings(c_puct=3.0)),
    ("close to mates", 2, 60, SearchSettings(leaves=8)),
    ("few pieces", 0, 60, SearchSettings(moves=3)),
    ("few pieces", 6, 60, SearchSettings()),
    ("few pieces", 11, 60, SearchSettings(c_puct=0.3)),
    ("few pieces", 20, 60, SearchSettings(leaves=8)),
    ("few pieces", 24, 60, SearchSettings()),
    ("few pieces", 40, 60, SearchSettings(discount=1.0)),
    ("few pieces", MAX_PLIES - 4, 40, SearchSettings(c_puct=5.0)),
    ("close to declaring", 0, 40, SearchSettings()),
    ("close to declaring", 2, 40, SearchSettings(leaves=3, moves=12)),
    ("whole board", 40, 32, SearchSettings(algorithm="gumbel")),
    ("whole board", 35, 32, SearchSettings(algorithm="gumbel", leaves=5, candidates=6, c_scale=0.1)),
    ("close to mates", 0, 60, SearchSettings(algorithm="gumbel", candidates=4)),
    ("close to mates", 4, 60, SearchSettings(algorithm="gumbel", leaves=8, c_visit=5.0)),
    ("few pieces", 6, 60, SearchSettings(algorithm="gumbel", moves=3)),
    ("few pieces", 20, 60, SearchSettings(algorithm="gumbel", knows_limit=False)),
    ("few pieces", 24, 60, SearchSettings(algorithm="gumbel", knows_limit=False, leaves=4, moves=2)),
    ("close to declaring", 2, 40, SearchSettings(algorithm="gumbel")),
    ("one move holds", 0, 60, SearchSettings(algorithm="gumbel", candidates=2)),
    ("one move holds", 0, 60, SearchSettings(algorithm="gumbel", candidates=3, leaves=4, moves=8)),
]


def searched(pretended, case, num_games, seed):
    """Searches, and the references that should have come out."""
    kind, num_plies, simulations, settings = case
    games, pasts = played(STARTS[kind], num_games, num_plies, seed)
    rows = np.flatnonzero(games.num_legal > 0)
    random = np.random.default_rng(seed)
    legal = games.legal[rows] * (random.random((len(rows), games.legal.shape[1])) < 0.9)
    legal = np.where(legal.any(axis=1, keepdims=True), legal, games.legal[rows]).astype(np.uint8)
    limits = random.integers(0, simulations + 1, len(rows)).astype(np.int32)
    gumbels = random.gumbel(size=legal.shape).astype(np.float32)
    noise = gumbels if settings.halves else None
    search = Search(pretended, Branches.of_games(games, rows), legal, limits, settings, noise)
    search.run()
    for tree, row in enumerate(rows):
        reference = Reference(games, row, pasts[row], pretended, settings, legal[tree], limits[tree], gumbels[tree])
        while True:
            before = reference.num_done
            reference.step(limits[tree])
            if reference.num_done == before:
                break
        yield tree, reference, search


@pytest.mark.parametrize("number", range(len(CASES)))
def test_trees_are_those_of_plain_python(pretended, number):
    for tree, reference, search in searched(pretended, CASES[number], NUM_TREES, number):
        require_same(reference, search, tree)
        SEEN.update(reference.seen)
        SEEN.update(f"proven {node.proven}" for node in reference.nodes if node.children and node.proven)


def test_everything_that_can_happen_in_a_tree_happened_in_those():
    """Comes last: what the trees above were about."""
    if not SEEN:
        pytest.skip("no trees were compared in this process")
    assert [what for what in EXPECTED if not SEEN[what]] == []
