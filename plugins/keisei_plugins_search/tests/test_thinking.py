"""Thinking about one game: what it tells, when it ends, and what it keeps for the next move."""

import threading
import time
from types import SimpleNamespace

import attrs
import numpy as np
import pytest

from keisei_core.arena import Limits, Line, Never, PlayerContext, RandomPlayer, think
from keisei_core.arena.thinking import centipawns_of
from keisei_core.observe import Needs
from keisei_core.shogi import (
    Branches,
    Games,
    Positions,
    Starts,
    action_to_usi,
    legal_mask,
    parse_sfen,
    usi_to_action,
)
from keisei_plugins_search.cache import EvaluationCache
from keisei_plugins_search.nodes import OPEN, OVER
from keisei_plugins_search.search import SearchSettings
from keisei_plugins_search.thinking import Thinking

MAX_PLIES = 200
STEPS = 30
MATED_IN_THREE = "7k1/8s/9/4n2Np/9/9/g8/9/K8 b GSg 1"
HOLDS_OR_IS_MATED = "4s3b/l2gg1rsl/1+Snp1pn2/kP7/p3p1p1p/P1GP2PpP/2N1PPSP1/LB1R5/3K1G1NL w 3P 80"


@pytest.fixture
def thinking(pretended) -> Thinking:
    """Of a network that sees the board alone, so that its planes are it."""

    def encode(positions: Positions) -> np.ndarray:
        return np.concatenate([positions.board, positions.side_to_move[:, None]], axis=1)

    pretended.features = SimpleNamespace(encode=encode)
    return Thinking(pretended, SearchSettings(leaves=8, knows_limit=False), 100_000, 1_000)


def game(sfen: str = "startpos", num_plies: int = 0) -> Games:
    games = Games(1, max_plies=MAX_PLIES, starts=Starts.from_sfens([sfen]), seed=4)
    for _ in range(num_plies):
        games.step(games.sample(), reset=False)
    return games


def past_of(games: Games) -> Branches:
    return Branches.of_games(games, slice(None))


def thought_about(thinking: Thinking, games: Games, stop=Never(), told=None, **limits):  # noqa: B008
    tell = [].append if told is None else told.append
    return thinking.think(games.positions, past_of(games), Limits(**limits), stop, tell)


def played(games: Games, *moves: str) -> Games:
    for move in moves:
        games.step(np.array([usi_to_action(games.positions, move)], np.int32), reset=False)
    return games


def require_sound(search) -> None:
    """What holds in every tree: visits and proofs of a node follow from its children's."""
    nodes, used = search.nodes, int(search.progress.num_nodes[0])
    rows = np.arange(used)
    parents = nodes.parent[1:used]
    assert nodes.parent[0] == -1
    assert ((parents >= 0) & (parents < rows[1:])).all()
    assert not nodes.flight[:used].any()
    counted = np.bincount(parents, minlength=used)
    assert (counted == nodes.num_children[:used]).all()
    below = np.bincount(parents, nodes.visits[1:used], minlength=used)
    lost = np.bincount(parents, nodes.proven[1:used] > 0, minlength=used)
    open_rows = rows[nodes.state[:used] == OPEN]
    # An open node's own evaluation is a visit; where all moves that are kept lose, more visits end in the node itself.
    hopeful = nodes.num_lost[open_rows] < nodes.num_edges[open_rows]
    assert (below[open_rows] + 1 == nodes.visits[open_rows])[hopeful].all()
    assert (lost == nodes.num_lost[:used]).all()
    won = np.bincount(parents, nodes.proven[1:used] < 0, minlength=used) > 0
    assert (
        nodes.proven[open_rows] == np.where(won, 1, np.where(lost == nodes.num_moves[:used], -1, 0))[open_rows]
    ).all()


def require_played(search, games: Games) -> None:
    """Every node stands where its moves lead from the game, and is judged as it would be there."""
    nodes, used = search.nodes, int(search.progress.num_nodes[0])
    roots = past_of(games)
    again = roots.empty(used)
    again.assign(slice(0, 1), roots, slice(0, 1))
    for row in range(1, used):
        parent = int(nodes.parent[row])
        edge = int(np.flatnonzero(np.flatnonzero(nodes.parent[:used] == parent) == row)[0])
        one = again.copy(slice(parent, parent + 1))
        one.play(np.array([nodes.action[parent * search.rules.num_edges + edge]], np.int32))
        again.assign(slice(row, row + 1), one, slice(None))
    for name, array in again.positions.arrays().items():
        assert np.array_equal(array, search.positions.positions[:used].arrays()[name]), name
    for name in ("ending", "recurrence", "num_legal"):
        assert np.array_equal(getattr(again, name), getattr(search.positions, name)[:used]), name


@pytest.mark.parametrize("algorithm", ["puct", "gumbel"])
@pytest.mark.parametrize(
    ("sfen", "num_plies"), [("startpos", 30), (HOLDS_OR_IS_MATED, 0), ("k8/2R6/2K6/9/9/9/9/9/9 w - 1", 6)]
)
def test_tree_is_kept_for_the_next_move_with_all_that_it_found(thinking, algorithm, sfen, num_plies):
    thinking.settings = attrs.evolve(thinking.settings, algorithm=algorithm)
    games = game(sfen, num_plies)
    for _ in range(4):
        first = thought_about(thinking, games, simulations=400)
        before = thinking._search
        nodes = before.nodes
        for move in first.info.lines[0].moves[:2]:
            played(games, move)
        if games.ending[0] or before.nodes.proven[0]:
            break
        row = thinking._row_of(before, past_of(games), games.legal)
        kept = None if row is None else {name: getattr(nodes, name)[row] for name in ("visits", "total", "proven")}
        thought_about(thinking, games, simulations=0)
        search = thinking._search
        if kept is not None:
            assert search is before
            assert {name: getattr(search.nodes, name)[0] for name in kept} == kept
            assert search.progress.done[0] == kept["visits"] - 1
        require_sound(search)
        require_played(search, games)
        thought_about(thinking, games, simulations=int(search.progress.done[0]) + 200)
        require_sound(search)
        require_played(search, games)


def test_kept_tree_goes_on_as_it_would_have_below_that_node(thinking):
    games = game(num_plies=30)
    thought = thought_about(thinking, games, simulations=500)
    old, old_positions = thinking._search.nodes, thinking._search.positions.positions
    played(games, *thought.info.lines[0].moves[:2])
    row = thinking._row_of(thinking._search, past_of(games), games.legal)
    thought_about(thinking, games, simulations=0)
    new, positions = thinking._search.nodes, thinking._search.positions.positions
    pairs = [(row, 0)]
    for one, other in pairs:
        for name in (
            "state",
            "visits",
            "total",
            "value",
            "proven",
            "plies_left",
            "num_moves",
            "num_children",
            "num_lost",
        ):
            assert getattr(old, name)[one] == getattr(new, name)[other]
        assert (old.action.reshape(-1, 48)[one] == new.action.reshape(-1, 48)[other]).all()
        assert (old.prior.reshape(-1, 48)[one] == new.prior.reshape(-1, 48)[other]).all()
        assert (old_positions.board[one] == positions.board[other]).all()
        mine, its = int(old.first_child[one]), int(new.first_child[other])
        while mine >= 0:
            pairs.append((mine, its))
            mine, its = int(old.next_sibling[mine]), int(new.next_sibling[its])
        assert its == -1
    assert len(pairs) == thinking._search.progress.num_nodes[0] > 20


def test_position_reached_on_another_way_is_thought_about_anew(thinking):
    straight = played(game(), "2g2f", "8c8d", "7g7f", "3c3d")
    around = played(game(), "7g7f", "3c3d", "2g2f", "8c8d")
    thought_about(thinking, straight, simulations=50)
    first = thinking._search
    thought_about(thinking, around, simulations=50)

    assert thinking._search is not first
    assert thinking.cache.num_found > 0


@pytest.mark.parametrize("name", ["repetition", "history"])
def test_position_of_unknown_past_that_knows_otherwise_of_it_is_thought_about_anew(thinking, name):
    position = parse_sfen(MATED_IN_THREE).with_history(1)
    other = attrs.evolve(position, **{name: position.arrays()[name] + np.uint8(1)})
    searches = []
    for one in (position, position, other):
        think(thinking, one, None, Limits(simulations=10), Never(), [].append)
        searches.append(thinking._search)

    assert searches[0] is searches[1] is not searches[2]


def test_nothing_is_kept_where_other_moves_were_looked_at(thinking):
    games = game(num_plies=10)
    moves = tuple(np.flatnonzero(games.legal[0])[:3].tolist())
    thought = thought_about(thinking, games, simulations=60, moves=moves)
    first = thinking._search
    thought_about(thinking, games, simulations=60)

    assert thought.action in moves
    assert thinking._search is not first


def test_moves_that_are_not_legal_are_refused(thinking):
    with pytest.raises(ValueError, match=r"limits.moves must be legal moves, got \[0\] among them"):
        thought_about(thinking, game(), simulations=1, moves=(0,))


def test_limits_end_it(thinking):
    games = game(num_plies=20)
    assert thought_about(thinking, games, nodes=37).info.nodes == 37
    assert thought_about(thinking, games, simulations=60).info.nodes == 23
    assert thought_about(thinking, games, simulations=60).info.nodes == 0
    assert thought_about(thinking, games, seconds=0.05).info.seconds >= 0.05
    thinking.most_nodes = 500
    assert thought_about(thinking, games).info.full > 0.95


def test_stop_ends_what_has_no_limit(thinking):
    stop, told = threading.Event(), []

    def tell(info):
        told.append(info)
        if len(told) == 3:
            stop.set()

    games = game(num_plies=20)
    thought = thinking.think(games.positions, past_of(games), Limits(tell_every=0.0), stop, tell)

    assert len(told) == 4
    assert told[-1] == thought.info


def test_stop_is_looked_at_between_steps_of_few_positions(thinking, pretended):
    stop = threading.Event()
    raw = pretended.raw

    def stopping(positions):
        if len(pretended.batches) == STEPS:
            stop.set()
        return raw(positions)

    pretended.raw = stopping
    thought = thought_about(thinking, game(), stop)

    assert len(pretended.batches) == STEPS + 1
    assert max(pretended.batches) <= 8
    assert legal_mask(game().positions)[0, thought.action]


def test_it_is_told_now_and_then_and_once_before_the_end(thinking, monkeypatch):
    clock = iter(np.arange(0, 1000, 0.01))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    told = []
    thought = thought_about(thinking, game(num_plies=20), told=told, seconds=3.0, tell_every=0.5)

    assert 4 <= len(told) <= 7
    assert told[-1] is thought.info
    assert [info.nodes for info in told] == sorted(info.nodes for info in told)


@pytest.mark.parametrize("lines", [1, 4, 300])
def test_lines_are_of_different_legal_moves_the_best_first(thinking, lines):
    games = game(num_plies=20)
    thought = thought_about(thinking, games, simulations=600, lines=lines)

    told = thought.info.lines
    assert 1 <= len(told) <= lines
    assert len({line.moves[0] for line in told}) == len(told)
    assert [line.visits for line in told] == sorted((line.visits for line in told), reverse=True)
    assert action_to_usi(games.positions, thought.action) == told[0].moves[0]
    assert len(told[0].moves) == thought.info.depth <= thought.info.seldepth
    for line in told:
        branch = past_of(games)
        for move in line.moves:
            branch.play(np.array([usi_to_action(branch.positions, move)], np.int32))


def test_mate_is_told_with_its_line_and_ends_the_thinking(thinking, pretended):
    pretended.heat = 1.0
    thinking.settings = attrs.evolve(thinking.settings, moves=255, c_puct=3.0)
    thought = thought_about(thinking, game(MATED_IN_THREE))
    (line,) = thought.info.lines

    assert (line.mate, len(line.moves), line.moves[0]) == (3, 3, "G*3b")
    assert line.value == pytest.approx(0.997**2)


def test_move_that_lets_one_be_mated_is_told_as_such(thinking):
    thought = thought_about(thinking, game(HOLDS_OR_IS_MATED), simulations=400, lines=30)
    best, *others = thought.info.lines

    assert (best.moves[0], best.mate) == ("9e9f", None)
    assert {line.mate for line in others if line.mate is not None} == {-2}
    assert all(len(line.moves) == 2 for line in others if line.mate is not None)


def test_mate_in_one_needs_no_search(thinking, pretended):
    games = game("6kl1/9/7Ln/7N1/9/9/g8/9/K8 b GSg 1")
    thought = thought_about(thinking, games)

    assert thought.info.lines == (Line(moves=("G*3b",), value=1.0, mate=1),)
    assert pretended.batches == [1]


def test_cache_gives_what_the_network_said_and_forgets_the_oldest(thinking, pretended):
    games = game(num_plies=20)
    positions = Positions.concatenate([game(num_plies=number).positions for number in range(12)])
    legal = legal_mask(positions)
    cache = EvaluationCache(pretended, 8)
    for rows in (slice(0, 8), slice(0, 8), slice(2, 10)):
        logits, values = cache.evaluate(positions[rows], legal[rows])
        expected, worth = pretended.numbers(positions[rows])
        assert np.array_equal(logits, np.where(legal[rows] != 0, expected, 0))
        assert np.array_equal(values, worth)
    assert (len(cache), cache.num_found) == (8, 14)
    pretended.batches.clear()
    cache.evaluate(positions[:2], legal[:2])
    assert pretended.batches == [2]
    assert games.num_legal[0] > 0


def test_ended_position_leaves_no_moves_in_the_cache(thinking, pretended):
    positions, cache = game().positions, EvaluationCache(pretended, 8)
    none, legal = np.zeros((1, 2187), np.uint8), legal_mask(positions)
    cache.evaluate(positions, none)
    assert np.array_equal(cache.evaluate(positions, legal)[0] != 0, legal != 0)
    assert not cache.evaluate(positions, none)[0].any()


@pytest.mark.parametrize("ended", [0, 1])
def test_positions_that_look_alike_of_which_one_has_ended_are_evaluated_together(pretended, thinking, ended):
    twins = game().positions[np.zeros(2, np.int64)]
    legal = legal_mask(twins)
    legal[ended] = 0
    logits, _ = EvaluationCache(pretended, 8).evaluate(twins, legal)

    assert np.array_equal(logits != 0, legal != 0)


def test_player_without_think_answers_by_choosing():
    games, told = game(num_plies=5), []
    player = RandomPlayer(PlayerContext(seed=1, device=None))
    only = int(np.flatnonzero(games.legal[0])[3])
    thought = think(player, games.positions, past_of(games), Limits(moves=(only,)), Never(), told.append)

    assert thought.action == only
    assert told == [thought.info]
    assert thought.info.lines == (Line(moves=(action_to_usi(games.positions, only),), value=None),)


def test_past_without_the_earlier_positions_that_a_player_needs_is_refused(thinking):
    thinking.needs = Needs(history=2)
    past = Branches.of_games(Games(1, history=1), slice(None))
    with pytest.raises(ValueError, match=r"a past with 2 earlier positions.*got 1; play.* Games\(history=2\)"):
        think(thinking, past.positions, past, Limits(simulations=1), Never(), [].append)


@pytest.mark.parametrize(("value", "centipawns"), [(0.0, 0), (0.5, 659), (-0.5, -659), (1.0, 5526), (-1.3, -5526)])
def test_centipawns_are_600_times_the_logarithm_of_the_odds(value, centipawns):
    assert centipawns_of(value) == centipawns


def test_position_without_a_past_is_thought_about(thinking):
    thought = think(thinking, parse_sfen(MATED_IN_THREE), None, Limits(simulations=30), Never(), [].append)
    assert thought.info.nodes == 30
    assert thinking._search.nodes.state[0] != OVER
