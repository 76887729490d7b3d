"""Search by Gumbel: what others got wrong, and the policies that a search is worth."""

import math
from collections import Counter

import numpy as np
import pytest

from keisei_core.shogi import Branches, Games, Positions, Starts, parse_sfen, usi_to_action
from keisei_plugins_search.findings import Findings
from keisei_plugins_search.gumbel import visits_due
from keisei_plugins_search.policy_targets import POLICIES, completed_policy, improved_policy, regularised_policy
from keisei_plugins_search.root_noise import add_noise
from keisei_plugins_search.search import Search, SearchSettings

MAX_PLIES = 400
HOLDS_OR_IS_MATED = "4s3b/l2gg1rsl/1+Snp1pn2/kP7/p3p1p1p/P1GP2PpP/2N1PPSP1/LB1R5/3K1G1NL w 3P 80"
MATES_IN_ONE = "6kl1/9/7Ln/7N1/9/9/g8/9/K8 b GSg 1"


def search_of(evaluator, positions: Positions, simulations: int, gumbels=None, legal=None, **settings) -> Search:
    roots = Branches.of_positions(positions, MAX_PLIES)
    limits = np.full(len(positions), simulations, np.int32)
    chosen = SearchSettings(**{"algorithm": "gumbel", **settings})
    return Search(evaluator, roots, roots.legal if legal is None else legal, limits, chosen, gumbels)


def many_positions(num_games: int = 12, num_plies: int = 40) -> Positions:
    games = Games(num_games, max_plies=MAX_PLIES, starts=Starts.standard(), seed=4)
    for _ in range(num_plies):
        games.step(games.sample())
    return games.positions


def noise(num_games: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).gumbel(size=(num_games, 2187)).astype(np.float32)


def copies(position: Positions, number: int) -> Positions:
    return position[np.zeros(number, np.int64)]


@pytest.mark.parametrize(
    ("candidates", "simulations", "due"),
    [
        pytest.param(4, 8, [0, 0, 0, 0, 1, 1, 2, 2], id="two-rounds"),
        pytest.param(16, 16, [0] * 16, id="one-look-each"),
        pytest.param(2, 5, [0, 0, 1, 1, 2], id="what-is-left-over"),
        pytest.param(1, 3, [0, 1, 2], id="no-choice"),
        pytest.param(3, 7, [0, 0, 0, 1, 1, 2, 2], id="no-power-of-two"),
        pytest.param(5, 0, [], id="no-simulation"),
    ],
)
def test_schedule_of_sequential_halving(candidates, simulations, due):
    assert visits_due(candidates, simulations) == due


@pytest.mark.parametrize("leaves", [1, 6])
@pytest.mark.parametrize(("candidates", "simulations", "visits"), [(4, 8, [3, 3, 1, 1]), (16, 6, [1] * 6), (1, 5, [5])])
def test_candidates_are_no_more_than_simulations_and_get_what_is_due(
    pretended, leaves, candidates, simulations, visits
):
    findings = search_of(pretended, many_positions(), simulations, candidates=candidates, leaves=leaves).run()

    assert findings.action.shape[1] == len(visits)
    assert (-np.sort(-findings.visits, axis=1) == visits).all()


def test_fewer_moves_than_candidates_share_the_simulations(pretended):
    positions = many_positions()
    roots = Branches.of_positions(positions, MAX_PLIES)
    legal = np.zeros_like(roots.legal)
    rows = np.arange(len(positions))
    for place in range(3):
        legal[rows, np.argsort(-roots.legal, axis=1, kind="stable")[:, place]] = 1
    findings = search_of(pretended, positions, 7, legal=legal).run()

    assert (-np.sort(-findings.visits, axis=1) == [3, 3, 1]).all()


def test_candidates_are_those_that_noise_and_logit_like_best(pretended):
    positions, gumbels = many_positions(), noise(12, 1)
    search = search_of(pretended, positions, 8, gumbels, candidates=8)
    findings = search.run()
    legal = Branches.of_positions(positions, MAX_PLIES).legal
    liking = np.where(legal != 0, pretended.numbers(positions)[0] + gumbels, -np.inf)

    assert (findings.action == np.argsort(-liking, axis=1, kind="stable")[:, :8]).all()
    assert findings.liking == pytest.approx(np.take_along_axis(liking, findings.action.astype(np.int64), 1))


def test_noise_and_logits_alone_draw_moves_by_the_policy(pretended):
    # Gumbel's trick: who takes probabilities for logits, or noise of one action for another, draws otherwise.
    pretended.heat = 3.0
    number, position = 2000, many_positions(1)
    findings = search_of(pretended, copies(position, number), 0, noise(number, 7)).run()
    drawn, policy = Counter(findings.best_moves().tolist()), np.exp(findings.log_policy()[0])

    for action in np.argsort(-policy)[:6]:
        spread = math.sqrt(policy[action] * (1 - policy[action]) / number)
        assert abs(drawn[int(action)] / number - policy[action]) < 5 * spread


def test_searches_with_other_noise_look_at_other_moves_and_ones_without_at_the_same(pretended):
    positions = many_positions(1)
    noisy = [search_of(pretended, positions, 8, noise(1, seed), candidates=4).run().action[0] for seed in range(6)]
    quiet = [search_of(pretended, positions, 8, candidates=4).run().action[0].tolist() for _ in range(2)]

    assert len({tuple(actions) for actions in noisy}) > 1
    assert quiet[0] == quiet[1] == np.argsort(-np.where(Branches.of_positions(positions, MAX_PLIES).legal != 0,
        pretended.numbers(positions)[0], -np.inf), axis=1, kind="stable")[0, :4].tolist()  # fmt: skip


def test_noise_is_refused_where_nothing_would_come_of_it(pretended):
    with pytest.raises(ValueError, match="gumbels are for sequential halving, got them for"):
        search_of(pretended, many_positions(), 8, noise(12, 1), algorithm="puct")


def test_move_is_the_best_of_those_looked_at_most_not_the_first_of_them(pretended):
    findings = search_of(pretended, many_positions(), 8, noise(12, 3), candidates=4).run()
    chosen = findings.best_moves()
    sigma = (50 + findings.visits.max(axis=1)) * 0.5
    for game in range(len(chosen)):
        most = np.flatnonzero((findings.visits[game] == 3) & (findings.proven[game] == 0))
        scores = {int(findings.action[game, e]): findings.liking[game, e] + sigma[game] * findings.worth[game, e]
                  for e in most}  # fmt: skip
        if len(most) == 2 and not (findings.proven[game] > 0).any():
            assert chosen[game] == max(scores, key=scores.get)
    assert (chosen != findings.action[:, 0]).any()


@pytest.mark.parametrize("leaves", [1, 4])
def test_candidates_that_lose_for_sure_leave_their_simulations_to_the_others(pretended, leaves):
    position = parse_sfen(HOLDS_OR_IS_MATED)
    holds = usi_to_action(position, "9e9f")
    gumbels = np.zeros((1, 2187), np.float32)
    gumbels[0, holds] = 2.0  # among the candidates, not first of them
    findings = search_of(pretended, position, 60, gumbels, candidates=8, leaves=leaves).run()
    lost = findings.proven[0] < 0

    assert lost.sum() >= 6
    assert (findings.visits[0, lost] <= 2).all()
    assert findings.visits[0].sum() == 60
    assert findings.best_moves()[0] == holds


@pytest.mark.parametrize("leaves", [1, 4])
def test_where_all_candidates_lose_for_sure_the_next_best_moves_take_their_place(pretended, leaves):
    position = parse_sfen(HOLDS_OR_IS_MATED)
    holds = usi_to_action(position, "9e9f")
    gumbels = np.zeros((1, 2187), np.float32)
    gumbels[0, holds] = -100.0  # behind all others
    search = search_of(pretended, position, 200, gumbels, candidates=2, leaves=leaves, moves=255)
    findings = search.run()

    assert findings.action[0, -1] == holds
    assert (findings.proven[0] == [-1] * (findings.action.shape[1] - 1) + [0]).all()
    assert findings.visits[0].sum() == 200
    assert findings.best_moves()[0] == holds


def test_position_whose_moves_that_are_kept_all_lose_is_not_worse_than_lost(pretended):
    for algorithm in ("puct", "gumbel"):
        search = search_of(pretended, parse_sfen(HOLDS_OR_IS_MATED), 300, algorithm=algorithm, moves=2, discount=0.9)
        findings = search.run()
        assert (findings.proven[0] == -1).all()
        assert -1 <= findings.value[0] < -0.9


def test_turned_board_is_searched_alike(pretended):
    raw = pretended.raw
    colourless = type(pretended)()

    def blind(positions):
        arrays = positions.arrays() | {"side_to_move": positions.side_to_move * 0}
        return raw(Positions.from_arrays(arrays))

    colourless.raw = blind
    positions = many_positions()
    both = []
    for side in (0, 1):
        arrays = positions.arrays() | {"side_to_move": np.full(len(positions), side, np.uint8)}
        both.append(search_of(colourless, Positions.from_arrays(arrays), 50, noise(12, 2)))
        both[-1].run()

    assert np.array_equal(both[0].nodes.action, both[1].nodes.action)
    assert np.array_equal(both[0].nodes.total, both[1].nodes.total)


def plain_completed(findings: Findings, game: int) -> dict[int, float]:
    """The improved policy after the paper's words: logits plus scaled completed worth, over all that may be played."""
    priors = {int(a): p for a, p in enumerate(np.exp(findings.log_policy()[game])) if p > 0}
    edges = {int(a): e for e, a in enumerate(findings.action[game]) if a >= 0 and findings.visits[game, e] > 0}
    losing = {action for action, edge in edges.items() if findings.proven[game, edge] < 0}
    living = [action for action in edges if action not in losing]
    visits = sum(int(findings.visits[game, edges[action]]) for action in living)
    mean = sum(priors[a] * findings.worth[game, edges[a]] for a in living) / (sum(priors[a] for a in living) or 1)
    mixed = (findings.network_value[game] + visits * mean) / (1 + visits)
    most = max((int(findings.visits[game, edge]) for edge in edges.values()), default=0)
    scores = {}
    for action, prior in priors.items():
        worth = findings.worth[game, edges[action]] if action in edges else mixed
        scores[action] = math.log(prior) + (50 + most) * 0.5 * worth
    kept = [action for action in scores if action not in losing] or list(scores)
    top = max(scores[action] for action in kept)
    weights = {action: math.exp(scores[action] - top) for action in kept}
    return {action: weight / sum(weights.values()) for action, weight in weights.items()}


@pytest.mark.parametrize(("algorithm", "share"), [("puct", 0.0), ("puct", 0.75), ("gumbel", 0.0)])
@pytest.mark.parametrize("simulations", [0, 1, 5, 40])
def test_improved_policy_is_that_of_the_paper_whatever_the_noise(pretended, algorithm, share, simulations):
    pretended.heat = 2.0
    gumbels = noise(12, 5) if algorithm == "gumbel" else None
    search = search_of(pretended, many_positions(), simulations, gumbels, algorithm=algorithm)
    add_noise(search, share, np.random.default_rng(3))
    findings = search.run()
    policy = completed_policy(findings)
    for game in range(12):
        if not (findings.proven[game] > 0).any() and not findings.mates[game].any():
            expected = plain_completed(findings, game)
            assert np.flatnonzero(policy[game] > 1e-12).tolist() == [a for a in sorted(expected) if expected[a] > 1e-12]
            assert [policy[game, a] for a in expected] == pytest.approx(list(expected.values()), rel=1e-5, abs=1e-12)


def test_improved_policy_is_worth_more_than_the_networks(pretended):
    findings = search_of(pretended, many_positions(), 30, algorithm="puct").run()
    worth = np.repeat(findings.mixed_value()[:, None], 2187, axis=1)
    games, edges = np.nonzero(findings.visits > 0)
    worth[games, findings.action[games, edges]] = findings.worth[games, edges]
    gains = [((policy(findings) - np.exp(findings.log_policy())) * worth).sum(axis=1) for policy in POLICIES.values()]

    assert (np.array(gains) > 0).all()


@pytest.mark.parametrize("share", [0.0, 0.75])
def test_regularised_policy_is_the_priors_share_by_what_the_best_is_ahead(pretended, share):
    # Where lambda * prior / (alpha - worth) is the policy, every move gives the same alpha.
    search = search_of(pretended, many_positions(), 60, algorithm="puct", moves=255)
    add_noise(search, share, np.random.default_rng(3))
    findings = search.run()
    policy, prior = regularised_policy(findings), np.exp(findings.log_policy())
    for game in range(12):
        count = findings.visits[game].sum()
        weight = 1.25 * math.sqrt(count) / (np.isfinite(findings.logits[game]).sum() + count)
        worth = np.full(2187, findings.mixed_value()[game])
        seen = findings.visits[game] > 0
        worth[findings.action[game, seen]] = findings.worth[game, seen]
        moves = np.flatnonzero(policy[game] > 0)
        if not findings.proven[game].any() and not findings.mates[game].any():
            alpha = worth[moves] + weight * prior[game, moves] / policy[game, moves]
            assert alpha == pytest.approx(alpha[0], abs=1e-6)
            assert alpha[0] > worth[moves].max()


@pytest.mark.parametrize("kind", POLICIES)
def test_targets_are_weights_of_legal_moves_the_likeliest_first(pretended, kind):
    positions = many_positions()
    for simulations in (0, 20):
        target = improved_policy(search_of(pretended, positions, simulations, algorithm="puct").run(), kind, 16)
        legal = Branches.of_positions(positions, MAX_PLIES).legal
        assert target.problem(legal.astype(np.bool_), np.ones(12, np.bool_)) == ""
        assert (target.action.shape, target.action.dtype, target.weight.dtype) == ((12, 16), np.int16, np.float32)
        assert (np.diff(target.weight) <= 0).all()
        assert target.weight.sum(axis=1) == pytest.approx(1)


@pytest.mark.parametrize("kind", POLICIES)
def test_moves_that_mate_share_everything(pretended, kind):
    findings = search_of(pretended, parse_sfen(MATES_IN_ONE), 30).run()
    policy = POLICIES[kind](findings)

    assert (policy[0, findings.mates[0] > 0] == 1 / findings.mates[0].sum()).all()
    assert policy.sum() == pytest.approx(1)


@pytest.mark.parametrize("kind", POLICIES)
def test_moves_that_lose_for_sure_get_nothing_while_another_is_left(pretended, kind):
    position = parse_sfen(HOLDS_OR_IS_MATED)
    findings = search_of(pretended, position, 200, algorithm="puct").run()
    losing = findings.action[0, findings.proven[0] < 0]
    policy = POLICIES[kind](findings)[0]
    assert len(losing) >= 8
    assert not policy[losing].any()

    # Only losing moves were looked at: the network's policy decides among the others.
    few = search_of(pretended, position, 30, algorithm="puct", moves=2).run()
    assert (few.proven[0] == -1).all()
    assert POLICIES[kind](few)[0].sum() == pytest.approx(1)
    assert not POLICIES[kind](few)[0, few.action[0]].any()
