"""The decider `search`: which plies it searches, what it plays there, and what it tells of them."""

import numpy as np
import pytest
import torch

from keisei_core.decide import DeciderContext, Decision, GamesView
from keisei_core.learn import MoveWeights
from keisei_core.shogi import Games, Starts, action_to_usi, find_mates
from keisei_core.testing.small_run import SmallRun
from keisei_plugins_search import decider
from keisei_plugins_search.decider import SearchDecider, draw
from keisei_plugins_search.found import COLUMNS, KEPT
from keisei_plugins_search.look_ahead import look_ahead, planted
from keisei_plugins_search.nodes import Nodes, Rules, new_nodes
from keisei_plugins_search.root_noise import add_noise
from keisei_plugins_search.training_options import SearchDeciderOptions

NUM_GAMES = 12
MATE_IN_THREE = "5BK1k/9/9/9/9/9/9/9/9 b Rr 1"
MATE_IN_ONE = "8k/7pp/9/9/9/9/9/9/K8 b R 1"


@pytest.fixture(scope="module")
def run() -> SmallRun:
    run = SmallRun()
    run.network.eval()
    return run


@pytest.fixture(scope="module")
def games() -> Games:
    games = Games(NUM_GAMES, seed=3)
    for _ in range(20):
        games.step(games.sample())
    return games


def decide(run: SmallRun, view: GamesView, seed: int = 0, **options: object) -> Decision:
    searching = SearchDecider(
        DeciderContext(num_games=len(view), device=run.device), SearchDeciderOptions(**{"simulations": 6, **options})
    )
    return searching.decide(view, run.evaluator, run.stream(seed))


def test_share_of_the_plies_is_searched_and_the_others_are_drawn(run, games):
    columns = [decide(run, GamesView(games), seed, share=0.5, simulations=2).columns for seed in range(20)]

    searched = np.array([one["is_searched"] for one in columns])
    assert 0.35 < searched.mean() < 0.65
    assert searched.any(axis=0).all()
    np.testing.assert_array_equal(searched, ~np.array([one["is_drawn"] for one in columns]))


def test_opponents_turns_are_not_searched(run, games):
    view = GamesView(games)
    view.turns = np.arange(NUM_GAMES) % 2 == 0

    np.testing.assert_array_equal(decide(run, view, share=1.0).columns["is_searched"], view.turns)


def test_position_with_a_single_move_is_not_searched(run):
    forced = Games(1, starts=Starts.from_sfens(["k8/9/9/9/9/9/9/6r2/8K b - 1"]))
    assert forced.num_legal[0] == 1

    assert not decide(run, GamesView(forced), share=1.0).columns["is_searched"].any()


def test_log_prob_is_that_of_the_policy_at_the_temperature_of_the_ply(run, games):
    options = {"share": 0.0, "temperature": 2.0, "final_temperature": 0.5, "temperature_plies": 40}
    decision = decide(run, GamesView(games), **options)

    heat = np.full(NUM_GAMES, 2.0 - 1.5 * 20 / 40, np.float32)
    log_probs, value = run.evaluator.policy_and_value(games.positions, games.legal, heat)
    expected = log_probs.numpy()[np.arange(NUM_GAMES), decision.action]
    np.testing.assert_allclose(decision.columns["log_prob"], expected, atol=1e-5)
    np.testing.assert_array_equal(decision.columns["value"], value.numpy())


def test_what_was_found_is_a_policy_over_legal_moves_and_a_result(run, games):
    columns = decide(run, GamesView(games), share=1.0).columns

    weight, action = columns["search_weight"].astype(np.float64), columns["search_action"].astype(np.int64)
    np.testing.assert_allclose(weight.sum(axis=1), 1, atol=2e-3)
    assert np.take_along_axis(games.legal, action, 1)[weight > 0].all()
    assert (np.abs(columns["search_value"]) <= 1).all()
    assert (columns["search_surprise"] > 0).all()


def test_plies_that_are_not_searched_keep_the_networks_value_and_no_policy(run, games):
    columns = decide(run, GamesView(games), share=0.0).columns

    np.testing.assert_array_equal(columns["search_value"], columns["value"])
    assert not columns["search_weight"].any()


@pytest.mark.parametrize("algorithm", ["puct", "gumbel"])
@pytest.mark.parametrize("drawn_plies", [0, 30])
def test_mate_in_one_is_played_and_taught(run, algorithm, drawn_plies):
    mating = Games(4, starts=Starts.from_sfens([MATE_IN_ONE]))
    decision = decide(run, GamesView(mating), share=1.0, algorithm=algorithm, drawn_plies=drawn_plies)

    mates = find_mates(mating.positions, mating.legal)
    assert mates[np.arange(4), decision.action].all()
    assert (decision.columns["search_value"] == 1).all()
    taught = np.take_along_axis(mates, decision.columns["search_action"].astype(np.int64), 1)
    assert (taught == (decision.columns["search_weight"] > 0)).all()


def test_longer_mate_is_played_and_taught_where_it_is_looked_for(run):
    mating = Games(1, starts=Starts.from_sfens([MATE_IN_THREE]))
    decision = decide(run, GamesView(mating), share=1.0, mate_nodes=500, simulations=1)

    assert action_to_usi(mating.positions, int(decision.action[0])) == "R*2a"
    assert decision.columns["search_action"][0, 0] == decision.action[0]
    assert decision.columns["search_weight"][0, 0] == 1
    assert decision.columns["search_value"][0] == np.float32(0.997**2)


@pytest.mark.parametrize("algorithm", ["puct", "gumbel"])
def test_trees_grown_in_stages_are_those_grown_at_once_and_each_stage_lets_others_work(run, games, algorithm):
    roots, options = GamesView(games).branch(slice(None)), SearchDeciderOptions(simulations=9, algorithm=algorithm)
    at_once, in_stages = (planted(run.evaluator, roots, games.legal, options) for _ in range(2))
    at_once.run()

    assert len(list(in_stages.stages(run.stream()))) == 9
    assert in_stages.num_evaluated == at_once.num_evaluated
    for name, array in at_once.nodes._asdict().items():
        np.testing.assert_array_equal(getattr(in_stages.nodes, name), array)


def test_after_the_opening_the_best_move_is_played(run, games):
    quiet = {"share": 1.0, "noise": 0.0, "drawn_plies": 20, "simulations": 12}
    decision = decide(run, GamesView(games), **quiet)

    options = SearchDeciderOptions(**quiet)
    findings = look_ahead(run.evaluator, GamesView(games).branch(slice(None)), games.legal, options)
    np.testing.assert_array_equal(decision.action, findings.best_moves())


def test_games_searched_one_after_the_other_are_searched_as_side_by_side(run, games, monkeypatch):
    quiet = {"share": 0.7, "noise": 0.0, "drawn_plies": 0, "simulations": 6}
    together = decide(run, GamesView(games), **quiet)
    sizes = []
    monkeypatch.setattr("keisei_plugins_search.search.MOST_NODES", 14)
    monkeypatch.setattr(decider, "planted", lambda *some, **more: sizes.append(len(some[1])) or planted(*some, **more))
    apart = decide(run, GamesView(games), **quiet)

    assert max(sizes) == 2 < sum(sizes)
    np.testing.assert_array_equal(apart.action, together.action)
    np.testing.assert_allclose(apart.columns["search_value"], together.columns["search_value"], atol=1e-5)


def test_noise_changes_what_is_looked_at_and_not_what_the_network_said(run, games):
    roots, options = GamesView(games).branch(slice(None)), SearchDeciderOptions(simulations=6)
    quiet, noisy = (
        look_ahead(run.evaluator, roots, games.legal, options, noise=noise, random=np.random.default_rng(1))
        for noise in (0.0, 0.75)
    )

    assert (quiet.action != noisy.action).any()
    np.testing.assert_array_equal(quiet.logits, noisy.logits)
    np.testing.assert_array_equal(np.sort(quiet.action, axis=1), np.sort(noisy.action, axis=1))


def test_noise_keeps_the_sum_of_the_edges_and_their_order():
    class Planted:
        rules = Rules(1, 4, 0.997, 0, 1.25, 0.3, 50.0, 0.5)
        nodes: Nodes = new_nodes(2, 1, 4)
        roots = np.arange(2, dtype=np.int32)

    planted = Planted()
    planted.nodes.num_edges[:], planted.nodes.num_moves[:] = (4, 2), (6, 2)
    planted.nodes.prior[:] = (0.4, 0.3, 0.1, 0.05, 0.9, 0.1, 0, 0)
    planted.nodes.action[:] = (10, 11, 12, 13, 20, 21, 0, 0)
    add_noise(planted, 0.9, np.random.default_rng(2))

    prior, action = planted.nodes.prior.reshape(2, 4), planted.nodes.action.reshape(2, 4)
    np.testing.assert_allclose(prior.sum(axis=1), (0.85, 1.0), rtol=1e-6)
    assert (np.diff(prior, axis=1) <= 0).all()
    assert sorted(action[0]) == [10, 11, 12, 13]
    assert sorted(action[1, :2]) == [20, 21]
    assert (prior[1, 2:] == 0).all()
    kept = dict(zip(action[0], prior[0], strict=True))
    assert all(kept[one] >= 0.1 * old - 1e-6 for one, old in zip((10, 11, 12, 13), (0.4, 0.3, 0.1, 0.05), strict=True))


def test_moves_are_drawn_as_often_as_they_weigh_at_their_temperature():
    number = 4000
    policy = MoveWeights(
        action=np.tile(np.array([5, 9, 7], np.int16), (number, 1)),
        weight=np.tile(np.array([0.6, 0.3, 0.1], np.float32), (number, 1)),
    )
    for temperature in (1.0, 0.5):
        drawn = draw(policy, np.full(number, temperature, np.float32), np.random.default_rng(0))
        expected = np.array([0.6, 0.3, 0.1]) ** (1 / temperature)
        shares = [(drawn == action).mean() for action in (5, 9, 7)]
        np.testing.assert_allclose(shares, expected / expected.sum(), atol=0.03)


def test_game_whose_search_says_lost_is_given_up(run, games):
    columns = decide(run, GamesView(games), share=0.5).columns
    threshold = float(np.sort(columns["search_value"])[NUM_GAMES // 2])
    told = decide(run, GamesView(games), share=0.5, resign_below=min(threshold, 0.0)).gives_up

    expected = columns["is_searched"] & (columns["search_value"] < min(threshold, 0.0))
    assert expected.any()
    np.testing.assert_array_equal(told, expected)
    assert not decide(run, GamesView(games), share=1.0).gives_up.any()


def test_a_ply_takes_about_as_much_room_as_its_position():
    assert sum(column.empty(1).nbytes for column in COLUMNS) == 1 + 4 * KEPT + 4 + 4 == 105


def test_options_that_mean_nothing_are_refused():
    for name, value in {"share": 1.5, "simulations": 0, "temperature": 0.0, "algorithm": "alphabeta"}.items():
        with pytest.raises(ValueError, match="must be"):
            SearchDeciderOptions(**{name: value})


def test_network_of_nan_is_told_before_it_is_searched_with(run, games):
    class Spoiled:
        def policy_and_value(self, positions, legal, temperature):
            log_probs, value = run.evaluator.policy_and_value(positions, legal, temperature)
            return log_probs, value * torch.nan

        def require_values(self):
            raise ArithmeticError("nan in value")

    searching = SearchDecider(DeciderContext(num_games=NUM_GAMES, device=run.device), SearchDeciderOptions(share=1.0))
    with pytest.raises(ArithmeticError, match="nan in value"):
        searching.decide(GamesView(games), Spoiled(), run.stream())
