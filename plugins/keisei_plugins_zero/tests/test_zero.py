"""Runs of `zero`: its window in checkpoints, what it learns, the README's config."""

import re
from pathlib import Path

import numpy as np
import pytest
import tomli
import torch

from keisei_core.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from keisei_core.distribution import Single
from keisei_core.experience import Replay
from keisei_core.plugins import Settings, read_settings
from keisei_core.run import Training
from keisei_plugins_search.found import COLUMNS, KEPT
from keisei_plugins_zero.zero import Zero

CPU = torch.device("cpu")
README = Path(__file__).parents[1] / "README.md"
TINY = {
    "algorithm.name": "zero",
    "decider.name": "search",
    "decider.simulations": 3,
    "decider.share": 0.5,
    "run.device": "cpu",
    "run.threads": 1,
    "run.plies": 1024,
    "selfplay.games": 8,
    "selfplay.rollout_plies": 8,
    "selfplay.max_plies": 20,
    "learning.minibatch": 32,
    "model.name": "baseline",
    "model.channels": 8,
    "input.features": "core46",
}


def settings(**more: object) -> Settings:
    return read_settings(None, [*{**TINY, **more}.items()])


def test_columns_are_those_that_the_search_gives():
    assert set(Zero.columns) <= set(COLUMNS)
    assert KEPT in {column.shape[0] for column in Zero.columns if column.shape}


def test_config_of_the_readme_trains():
    (block,) = re.findall(r"```toml\n(.*?)```", README.read_text(), re.DOTALL)
    given = {f"{table}.{key}": value for table, keys in tomli.loads(block).items() for key, value in keys.items()}
    training = Training(settings(**given), Single(CPU))
    for _ in range(2):
        metrics, _ = training.update()

    assert metrics["gradient_steps"] == 4
    assert metrics["window_plies"] == 128
    assert 0 < metrics["searched"] < 1


def test_window_keeps_the_newest_segments_and_no_more():
    training = Training(settings(**{"algorithm.window": 2}), Single(CPU))
    for _ in range(4):
        training.update()

    replay = training.learner.algorithm.replay
    assert [segment.version for segment in replay.segments] == [2, 3]
    assert replay.num_bytes == sum(segment.num_bytes for segment in replay.segments)


@pytest.mark.parametrize("features", ["core46", "core46+history"])
def test_window_comes_back_from_its_state_as_it_was(features):
    training = Training(settings(**{"input.features": features}), Single(CPU))
    for _ in range(3):
        training.update()
    kept = training.learner.algorithm.replay
    other = Replay(8)
    other.load_state(*kept.state())

    for one, twin in zip(kept.segments, other.segments, strict=True):
        rows = np.random.default_rng(0).permutation(one.num_plies)[:20]
        for name, array in one.positions_of(rows).arrays().items():
            np.testing.assert_array_equal(array, twin.positions_of(rows).arrays()[name])
        for name in ("learned", "action", "ending", "cut_rows", "version", "num_earlier", "num_bytes"):
            np.testing.assert_array_equal(getattr(one, name), getattr(twin, name))
        for name, array in one.columns.items():
            np.testing.assert_array_equal(array, twin.columns[name])


def test_run_resumed_from_disk_is_the_run(tmp_path):
    def goes_on(training: Training) -> Checkpoint:
        training.update()
        return training.snapshot()

    more = {"algorithm.window": 3, "algorithm.passes": 3, "selfplay.pool_share": 0.5, "selfplay.pool_every_updates": 1}
    whole = Training(settings(**more), Single(CPU))
    for _ in range(3):
        whole.update()
    write_checkpoint(tmp_path / "update-000003", whole.snapshot())
    resumed = Training(settings(**more), Single(CPU))
    resumed.restore(read_checkpoint(tmp_path / "update-000003"))

    one, other = goes_on(whole), goes_on(resumed)

    assert all(torch.equal(tensor, other.weights[name]) for name, tensor in one.weights.items())
    assert one.ranks[0].arrays.keys() == other.ranks[0].arrays.keys()
    assert one.ranks[0].state == other.ranks[0].state


def test_policy_comes_to_the_searches_and_the_value_to_the_results():
    training = Training(settings(**{"algorithm.window": 1, "optimizer.learning_rate": 3e-3}), Single(CPU))
    segment, _ = training.source.next()
    figures = [training.learner.update(segment, 0.0).figures for _ in range(40)]

    first, last = figures[0], figures[-1]
    assert last["policy_loss"] < 0.5 * first["policy_loss"]
    assert last["value_loss"] < 0.5 * first["value_loss"]


def test_segment_in_which_nothing_was_searched_teaches_the_value_alone():
    training = Training(settings(**{"decider.share": 0.0}), Single(CPU))
    metrics, _ = training.update()

    assert metrics["policy_loss"] == metrics["searched"] == 0
    assert metrics["value_loss"] > 0
