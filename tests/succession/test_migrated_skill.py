"""A trained player that is migrated keeps its skill: at once, and after it has trained on as the new network."""

from pathlib import Path

import pytest
import torch

from keisei_core.arena import NetworkPlayer, Score, play_match
from keisei_core.arena.trained_network import find_network
from keisei_core.plugins import load_registry, read_settings
from keisei_core.run import resume, train
from keisei_core.succession import migrate

PLAYER = {
    "run.plies": 24_576,
    "run.device": "cpu",
    "run.threads": 1,
    "selfplay.games": 64,
    "selfplay.rollout_plies": 16,
    "selfplay.max_plies": 120,
    "learning.minibatch": 256,
    "model.tower_depth": 1,
    "model.tower_width": 16,
    "evaluation.every_updates": 0,
    "evaluation.final_games": 2,
    "evaluation.max_plies": 160,
    "checkpoint.every_updates": 100,
}
LARGER = {
    "input.features": "core46+check+last2ply",
    "model.tower_width": 32,
    "model.tower_depth": 2,
    "run.plies": 32_768,
}


def match(first: Path, second: Path) -> Score:
    """Plays the newest checkpoint of one run against that of another."""
    players = []
    for seed, run in enumerate((first, second)):
        network = find_network(run).evaluator(load_registry(), torch.device("cpu"))
        players.append(NetworkPlayer(network, temperature=0.5, seed=seed))
    return play_match(*players, num_games=100, max_plies=200, opening_plies=6, seed=0)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Three runs: a trained player, the same migrated to everything larger, and that one trained on."""
    folder = tmp_path_factory.mktemp("skill")
    old, migrated, longer = (folder / name for name in ("old", "migrated", "longer"))
    assert train(read_settings(None, list(PLAYER.items())), old) == 0
    larger = read_settings(old / "config.toml", list(LARGER.items()))
    for run in (migrated, longer):
        assert migrate(larger, old, run, is_dry=False, num_games=0, is_json=False) == 0
    assert resume(longer) == 0
    return old, migrated, longer


def test_migrated_player_is_as_good_as_its_original(runs):
    old, migrated, _ = runs

    score = match(migrated, old)

    assert score.low <= 0.5 <= score.high, score


def test_migrated_player_that_trained_on_does_not_lose_to_its_original(runs):
    old, _, longer = runs

    score = match(longer, old)

    assert score.high >= 0.5, score


def test_network_of_the_new_size_without_what_was_learned_does_lose(runs, tmp_path):
    old, migrated, _ = runs
    settings = read_settings(migrated / "config.toml", [("run.plies", 1024)])
    assert train(settings, tmp_path / "fresh") == 0

    score = match(tmp_path / "fresh", old)

    assert score.high < 0.5, score
