"""Runs whose plies are searched and taught: the README's configs, what is learned, resuming, pool opponents."""

import re
from pathlib import Path

import pytest
import tomli
import torch

from keisei_core.checkpoint import Checkpoint
from keisei_core.distribution import Single
from keisei_core.plugins import Settings, read_settings
from keisei_core.run import Training

CPU = torch.device("cpu")
README = Path(__file__).parents[1] / "README.md"
MATED_SOON = "4k4/9/4G4/9/9/9/9/9/K8 w 2R2G 1"
TINY = {
    "run.device": "cpu",
    "run.threads": 1,
    "run.plies": 512,
    "selfplay.games": 8,
    "selfplay.rollout_plies": 8,
    "selfplay.max_plies": 30,
    "learning.minibatch": 32,
    "model.name": "baseline",
    "model.channels": 8,
    "input.features": "core46",
}
SEARCHED = {
    "decider.name": "search",
    "decider.simulations": 4,
    "decider.share": 0.5,
    "teaching.teachers": ["search"],
    "teaching.search.again": 0.1,
    "teaching.search.simulations": 4,
}


def settings(**more: object) -> Settings:
    return read_settings(None, [*{**TINY, **SEARCHED, **more}.items()])


def examples() -> list[dict]:
    """The configs of the README that name what plays or teaches."""
    blocks = map(tomli.loads, re.findall(r"```toml\n(.*?)```", README.read_text(), re.DOTALL))
    return [block for block in blocks if "decider" in block or "teaching" in block]


def flat(tables: dict, path: str = "") -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in tables.items():
        found |= flat(value, f"{path}{key}.") if isinstance(value, dict) else {f"{path}{key}": value}
    return found


@pytest.mark.parametrize("example", range(len(examples())))
def test_config_of_the_readme_trains(example):
    given = {
        key: min(value, 4) if key.endswith("simulations") else value for key, value in flat(examples()[example]).items()
    }
    training = Training(read_settings(None, [*{**TINY, **given}.items()]), Single(CPU))

    metrics, _ = training.update()

    assert metrics["gradient_steps"] > 0
    assert 0 < metrics["search_searched"] < 1
    assert metrics["search_surprise"] > 0


def test_policy_and_value_come_to_what_was_searched():
    eager = {"teaching.search.weight": 8.0, "algorithm.target_kl": 0, "optimizer.learning_rate": 3e-3}
    training = Training(settings(**eager), Single(CPU))
    segment, _ = training.source.next()
    figures = [training.learner.update(segment, 0.0).figures for _ in range(25)]

    first, last = figures[0], figures[-1]
    assert last["search_kl"] < 0.5 * first["search_kl"]
    assert last["search_value_error"] < 0.5 * first["search_value_error"]


def test_first_divergence_is_the_surprise_of_the_search():
    training = Training(settings(**{"teaching.search.surprise": 0.0}), Single(CPU))
    segment, _ = training.source.next()
    figures = training.learner.update(segment, 0.0).figures

    assert figures["search_kl"] == pytest.approx(figures["search_surprise"], rel=0.25)


@pytest.mark.parametrize("lag", [0, 1])
def test_resumed_run_is_the_run(lag):
    def goes_on(training: Training) -> Checkpoint:
        training.update()
        return training.snapshot()

    pool = {"selfplay.pool_share": 0.5, "selfplay.pool_every_updates": 1, "run.lag": lag}
    whole = Training(settings(**pool), Single(CPU))
    for _ in range(2):
        whole.update()
    stored = whole.snapshot()
    resumed = Training(settings(**pool), Single(CPU))
    resumed.restore(stored)

    one, other = goes_on(whole), goes_on(resumed)

    assert all(torch.equal(tensor, other.weights[name]) for name, tensor in one.weights.items())
    assert one.ranks[0].state == other.ranks[0].state


def test_plies_of_opponents_from_the_pool_are_neither_searched_nor_learned_from():
    pool = {"selfplay.pool_share": 1.0, "selfplay.pool_every_updates": 1, "decider.share": 1.0}
    training = Training(settings(**pool), Single(CPU))
    for _ in range(4):
        training.update()
    segment, _ = training.source.next()

    assert not segment.learned.all()
    assert not segment.columns["is_searched"][~segment.learned].any()


def test_games_are_given_up_and_some_played_on_to_see_whether_that_was_right():
    given_up = {"decider.resign_below": -0.2, "decider.share": 1.0, "selfplay.played_on": 0.5}
    lost = {"value.material": 1.0, "selfplay.starts": [MATED_SOON], "selfplay.opening_plies": 0}
    training, seen = Training(settings(**given_up, **lost), Single(CPU)), dict[str, float]()
    for _ in range(5):
        seen |= training.update()[0]

    assert 0 < seen["resignation_rate"] <= 1
    assert seen["tested_resignations"] > 0
    assert 0 <= seen["false_resignation_rate"] <= 0.5
