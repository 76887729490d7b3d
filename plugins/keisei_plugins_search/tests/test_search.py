"""What the search finds in positions made by hand, and what others got wrong."""

import attrs
import numpy as np
import pytest

from keisei_core.shogi import (
    Branches,
    Ending,
    Games,
    Positions,
    Starts,
    action_to_usi,
    legal_mask,
    material,
    parse_sfen,
    usi_to_action,
)
from keisei_core.shogi.crew import use_crew
from keisei_plugins_search.lines import best_lines
from keisei_plugins_search.mate_search import prove_mates
from keisei_plugins_search.nodes import bytes_per_node
from keisei_plugins_search.search import Search, SearchSettings, parts

MAX_PLIES = 400


def search_of(evaluator, positions: Positions, simulations: int, legal=None, **settings) -> Search:
    roots = Branches.of_positions(positions, MAX_PLIES)
    limits = np.full(len(positions), simulations, np.int32)
    return Search(evaluator, roots, roots.legal if legal is None else legal, limits, SearchSettings(**settings))


def best(evaluator, sfen: str, simulations: int, **settings) -> tuple[str, float]:
    position = parse_sfen(sfen)
    findings = search_of(evaluator, position, simulations, **settings).run()
    return action_to_usi(position, int(findings.best_moves()[0])), float(findings.value[0])


@pytest.mark.parametrize(
    ("sfen", "simulations", "move", "plies"),
    [
        pytest.param("6kl1/9/7Ln/7N1/9/9/g8/9/K8 b GSg 1", 0, "G*3b", 1, id="one-without-any-simulation"),
        pytest.param("8k/9/7PS/5np2/9/9/g8/9/K8 b Gg 1", 0, "2c2b+", 1, id="one-by-promoting"),
        pytest.param("7k1/8s/9/4n2Np/9/9/g8/9/K8 b GSg 1", 2000, "G*3b", 3, id="three"),
        pytest.param("6k2/8G/4s1P2/5Sl2/9/9/g8/9/K8 b RSg 1", 2000, "R*2a", 3, id="three-with-a-rook"),
        pytest.param("9/4p2sk/6G2/5n1S1/9/9/g8/9/K8 b RGg 1", 4000, "2d2c", 5, id="five"),
    ],
)
def test_mate_that_nothing_else_can_replace_is_found_and_proven(pretended, sfen, simulations, move, plies):
    pretended.heat = 1.0
    search = search_of(pretended, parse_sfen(sfen), simulations, c_puct=3.0, moves=255)
    findings = search.run()

    assert action_to_usi(parse_sfen(sfen), int(findings.best_moves()[0])) == move
    assert (search.nodes.proven[0], search.nodes.plies_left[0]) == (1, plies)
    assert findings.value[0] == pytest.approx(0.997 ** (plies - 1))


SEVEN = "9/1k7/2PK5/9/9/9/9/9/9 b GL 1"


def test_longer_mate_in_the_root_is_played_without_any_simulation(pretended):
    search = search_of(pretended, parse_sfen(SEVEN), 100, mate_nodes=10_000)
    findings = search.run()

    assert search.progress.done[0] == 0
    assert (search.nodes.proven[0], search.nodes.plies_left[0]) == (1, 7)
    assert action_to_usi(parse_sfen(SEVEN), int(findings.best_moves()[0])) == "L*8e"
    assert findings.value[0] == pytest.approx(0.997**6)
    (line,) = best_lines(search, findings, 1)
    assert (line.mate, len(line.moves), line.moves[0]) == (7, 7, "L*8e")
    branch = Branches.of_positions(parse_sfen(SEVEN), MAX_PLIES)
    for move in line.moves:
        branch.play(np.array([usi_to_action(branch.positions, move)], np.int32))
    assert branch.ending[0] == Ending.MATE


def test_line_of_a_mate_ends_where_who_mates_wins_by_declaration(pretended):
    position = parse_sfen("6+P+R+R/1k4+P+B+B/2PK1+P+P+P+P/9/9/9/9/9/9 b GL 1")
    search = search_of(pretended, position, 100, mate_nodes=100_000)
    (line,) = best_lines(search, search.run(), 1)
    assert (search.mate_line[0] >= 0).sum() > len(line.moves)
    branch = Branches.of_positions(position, MAX_PLIES)
    for move in line.moves:
        branch.play(np.array([usi_to_action(branch.positions, move)], np.int32))
    assert branch.ending[0] == Ending.DECLARATION


def test_mate_that_begins_with_a_move_not_offered_is_none(pretended):
    position = parse_sfen(SEVEN)
    legal = legal_mask(position)
    legal[0, usi_to_action(position, "L*8e")] = 0
    search = search_of(pretended, position, 10, legal=legal, mate_nodes=10_000)

    assert search.nodes.proven[0] == 0
    assert not search.mates.any()


def test_longer_mates_in_leaves_prove_the_moves_into_them(pretended):
    """White to move; where he passes the time somewhere else, Black mates in seven."""
    position = parse_sfen("9/1k7/2PK5/9/9/6p2/9/9/9 w GL 1")
    plain, told = (search_of(pretended, position, 60, leaf_mate_nodes=nodes).run() for nodes in (0, 10_000))
    replies = Branches.of_positions(position[np.zeros(told.action.shape[1], np.int64)], MAX_PLIES)
    replies.play(told.action[0].astype(np.int32))
    plies = prove_mates(replies, np.arange(len(replies)), 10_000).plies

    assert (plies > 1).sum() > 5
    assert (told.proven[0, (plies > 1) & (told.visits[0] > 0)] == -1).all()
    assert (plain.proven[0, plies > 1] == 0).all()


@pytest.mark.parametrize(
    ("sfen", "move"),
    [
        ("4s3b/l2gg1rsl/1+Snp1pn2/kP7/p3p1p1p/P1GP2PpP/2N1PPSP1/LB1R5/3K1G1NL w 3P 80", "9e9f"),
        ("4s3b/l2gg1rsl/1+S1p1pn2/kP7/p2np1p1p/P1GP2PpP/2N1PPSP1/LBKR5/5G1NL w 3P 82", "6e7g+"),
    ],
)
def test_only_move_that_holds_is_played_whatever_the_policy_says(pretended, sfen, move):
    position = parse_sfen(sfen)
    findings = search_of(pretended, position, 400).run()

    others = (findings.action[0] != usi_to_action(position, move)) & (findings.visits[0] > 0)
    assert others.sum() >= 10
    assert action_to_usi(position, int(findings.best_moves()[0])) == move
    assert (findings.proven[0, others] == -1).all()


def checked_round(plies: int) -> Games:
    """A rook that checks a king to and fro: after four plies it would stand where it began."""
    games = Games(1, max_plies=MAX_PLIES, starts=Starts.from_sfens(["k8/9/9/9/9/9/9/9/1R6K b - 1"]))
    for move in ("8i9i", "9a8a", "9i8i", "8a9a", "8i9i")[:plies]:
        games.step(np.array([usi_to_action(games.positions, move)], np.int32))
    return games


def worth_of(findings, positions: Positions, move: str) -> float:
    (edge,) = np.flatnonzero(findings.action[0] == usi_to_action(positions, move))
    return float(findings.worth[0, edge]) if findings.visits[0, edge] else np.nan


def test_perpetual_check_is_won_by_who_is_checked_and_only_where_the_past_is_known(pretended):
    games = checked_round(3)
    limits = np.full(1, 60, np.int32)
    known = Search(
        pretended, Branches.of_games(games, slice(None)), games.legal, limits, SearchSettings(c_puct=100.0)
    ).run()
    unknown = search_of(pretended, games.positions, 60, c_puct=100.0).run()

    assert worth_of(known, games.positions, "8a9a") == 1.0
    assert action_to_usi(games.positions, int(known.best_moves()[0])) == "8a9a"
    assert worth_of(unknown, games.positions, "8a9a") < 1.0


def test_perpetual_check_is_lost_by_who_checks(pretended):
    games = checked_round(4)
    limits = np.full(1, 60, np.int32)
    findings = Search(
        pretended, Branches.of_games(games, slice(None)), games.legal, limits, SearchSettings(c_puct=100.0)
    ).run()

    assert worth_of(findings, games.positions, "8i9i") == -1.0
    assert action_to_usi(games.positions, int(findings.best_moves()[0])) != "8i9i"


def many_games(num_games: int = 12, num_plies: int = 40) -> Games:
    games = Games(num_games, max_plies=MAX_PLIES, starts=Starts.standard(), seed=4)
    for _ in range(num_plies):
        games.step(games.sample())
    return games


def test_network_sees_one_batch_a_simulation_for_all_games(pretended):
    search_of(pretended, many_games().positions, 20).run()

    assert pretended.batches == [12] * 21


@pytest.mark.parametrize("leaves", [1, 8])
def test_trees_do_not_depend_on_the_games_beside_them(pretended, leaves):
    positions = many_games().positions
    together = search_of(pretended, positions, 60, leaves=leaves)
    together.run()
    for row in range(len(positions)):
        alone = search_of(pretended, positions[row : row + 1], 60, leaves=leaves)
        alone.run()
        mine = slice(row * 61, (row + 1) * 61)
        assert np.array_equal(together.nodes.total[mine], alone.nodes.total)
        assert np.array_equal(together.nodes.visits[mine], alone.nodes.visits)


def test_threads_that_share_the_trees_change_nothing(pretended):
    positions = many_games(40).positions
    found = []
    for num_threads in (1, 3):
        use_crew(num_threads)
        found.append(search_of(pretended, positions, 30, leaves=2))
        found[-1].run()
    use_crew(1)

    for name, array in found[0].nodes._asdict().items():
        assert np.array_equal(array, getattr(found[1].nodes, name)), name


def test_turned_board_is_searched_alike(pretended):
    # A network that can't tell the colours apart sees the same positions, since each is shown from its mover's side.
    raw = pretended.raw
    colourless = type(pretended)()
    colourless.raw = lambda positions: raw(attrs.evolve(positions, side_to_move=positions.side_to_move * 0))
    positions = many_games().positions
    one, other = (
        search_of(colourless, attrs.evolve(positions, side_to_move=np.full(len(positions), side, np.uint8)), 50)
        for side in (0, 1)
    )
    one.run(), other.run()

    assert np.array_equal(one.nodes.action, other.nodes.action)
    assert np.array_equal(one.nodes.total, other.nodes.total)


def test_no_simulation_stays_in_flight_and_visits_add_up(pretended):
    search = search_of(pretended, many_games().positions, 200, leaves=16)
    findings = search.run()

    assert not search.nodes.flight.any()
    assert (search.nodes.visits[search.roots] == 201).all()
    assert (findings.visits.sum(axis=1) == 200).all()


def test_priors_are_probabilities_in_the_order_of_the_policy(pretended):
    findings = search_of(pretended, many_games().positions, 1, moves=255).run()

    assert findings.prior.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (np.diff(findings.prior) <= 0).all()


def test_moves_that_may_not_be_played_are_not_looked_at(pretended):
    positions = many_games().positions
    legal = legal_mask(positions) * (np.random.default_rng(1).random((len(positions), 2187)) < 0.2).astype(np.uint8)
    findings = search_of(pretended, positions, 60, legal).run()

    rows = np.arange(len(positions))
    looked_at = np.where(findings.action >= 0, findings.action, findings.action[:, :1])
    assert legal[rows[:, None], looked_at].all()
    assert legal[rows, findings.best_moves()].all()


def test_where_all_moves_kept_lose_another_is_played(pretended):
    # All moves but one let one be mated; the two that the policy likes best are kept.
    position = parse_sfen("4s3b/l2gg1rsl/1+Snp1pn2/kP7/p3p1p1p/P1GP2PpP/2N1PPSP1/LB1R5/3K1G1NL w 3P 80")
    search = search_of(pretended, position, 30, moves=2)
    findings = search.run()

    assert search.nodes.proven[0] == 0
    assert (findings.proven[0] == -1).all()
    assert int(findings.best_moves()[0]) not in findings.action[0]


def test_better_values_are_looked_at_more(pretended):
    # A network that knows material alone takes the rook that stands for nothing; with the sign turned it would not.
    class Material(type(pretended)):
        def numbers(self, positions):
            logits, _ = super().numbers(positions)
            return logits * 0, np.tanh(material(positions) / 10)

    assert best(Material(), "4k4/9/9/9/4r4/4G4/9/9/4K4 b - 1", 200)[0] == "5f5e"


@pytest.mark.parametrize(
    ("num_games", "simulations", "most", "sizes"),
    [(600, 64, 256, [256, 256, 88]), (9, 1_000_000, 256, [4, 4, 1]), (3, 10_000_000, 8, [1, 1, 1]), (0, 32, 0, [])],
)
def test_games_searched_side_by_side_have_no_more_than_some_million_nodes(num_games, simulations, most, sizes):
    rows = list(parts(num_games, simulations, most))

    assert [part.stop - part.start for part in rows] == sizes
    assert np.concatenate([np.arange(num_games)[:0], *(np.arange(num_games)[part] for part in rows)]).tolist() == list(
        range(num_games)
    )


def test_node_takes_about_640_bytes_with_its_position():
    branch = Branches.of_games(Games(1), slice(None)).empty(1, keeps_legal=False)

    assert bytes_per_node(48) + branch.bytes_per_branch <= 640
