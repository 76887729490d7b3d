"""The teacher `distill`: what it takes from another network, and what it leaves alone."""

from pathlib import Path

import numpy as np
import pytest
import torch

from keisei_core.arena import export_network, find_network
from keisei_core.checkpoint import Checkpoint
from keisei_core.distribution import Single
from keisei_core.errors import CheckpointError, ConfigError
from keisei_core.experience import Segment
from keisei_core.learn import MoveWeights, Teacher
from keisei_core.plugins import Settings, load_registry, read_settings
from keisei_core.run import Training
from keisei_core.shogi import Games, legal_mask
from keisei_core.testing import TeacherUnderTest
from keisei_plugins_teachers.distill import Distill
from keisei_plugins_teachers.options import DistillOptions

CPU = torch.device("cpu")
NUM_GAMES = 12
TINY = {
    "run.device": "cpu",
    "run.threads": 1,
    "run.plies": 512,
    "selfplay.games": 8,
    "selfplay.rollout_plies": 8,
    "selfplay.max_plies": 40,
    "learning.minibatch": 32,
    "model.tower_depth": 1,
    "model.tower_width": 8,
}


def settings(**teaching: object) -> Settings:
    taught = {f"teaching.distill.{key}": value for key, value in teaching.items()}
    names = {"teaching.teachers": ["distill"] if teaching else []}
    return read_settings(None, [*TINY.items(), *names.items(), *taught.items()])


@pytest.fixture(scope="module")
def segment() -> Segment:
    games, made = Games(NUM_GAMES, seed=2), Segment.empty(1, NUM_GAMES, ())
    for ply in range(60):
        actions = games.sample()
        actions[: NUM_GAMES // 3] = actions[: NUM_GAMES // 3] if ply < 2 else -1
        games.step(actions)
    made.positions[:] = games.positions
    return made


def distill(network: Path, **options: object) -> Teacher:
    return TeacherUnderTest(make=lambda own: Distill(own, DistillOptions(network=str(network), **options))).build()


def teach(segment: Segment, network: Path, **options: object):
    teacher = distill(network, **options)
    return teacher.teach(segment, np.arange(NUM_GAMES), np.random.default_rng(0)).plies


@pytest.fixture(scope="module")
def said(segment: Segment, network: Path):
    """Probabilities [N, A] and V [N] of the other network."""
    legal = legal_mask(segment.positions)
    log_probs, value = find_network(network).evaluator(load_registry(), CPU).policy_and_value(segment.positions, legal)
    return log_probs.exp().numpy(), value.numpy()


def dense(target: MoveWeights) -> np.ndarray:
    full = np.zeros((len(target), 2187), np.float32)
    np.add.at(full, (np.arange(len(target))[:, None], target.action), target.weight)
    return full


def test_all_moves_kept_are_the_other_networks_policy_and_value(segment, network, said):
    targets = teach(segment, network, moves=593)

    np.testing.assert_allclose(dense(targets.policy), said[0], atol=1e-6)
    np.testing.assert_allclose(targets.value, said[1].clip(-1, 1), atol=1e-6)


def test_moves_kept_are_the_likeliest_and_share_all_the_probability(segment, network, said):
    policy = dense(teach(segment, network, moves=3).policy)

    for row in range(NUM_GAMES):
        likeliest = np.sort(said[0][row])[-3:]
        assert (policy[row] > 0).sum() == 3
        np.testing.assert_allclose(np.sort(policy[row])[-3:], likeliest / likeliest.sum(), rtol=1e-3)


def test_temperature_below_one_sharpens(segment, network, said):
    sharp = dense(teach(segment, network, moves=593, temperature=0.25).policy)

    assert (sharp.max(axis=1) > said[0].max(axis=1)).all()


def test_value_weight_of_zero_teaches_no_values(segment, network):
    assert teach(segment, network, value_weight=0.0).value is None
    np.testing.assert_array_equal(teach(segment, network, value_weight=0.5).value_weight, 0.5)


def test_exported_network_teaches_too(segment, network, tmp_path):
    export_network(find_network(network), tmp_path / "export", torch.float32)

    one, other = teach(segment, network), teach(segment, tmp_path / "export")

    np.testing.assert_array_equal(one.policy.weight, other.policy.weight)
    np.testing.assert_array_equal(one.value, other.value)


def test_relative_path_means_the_same_from_another_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = DistillOptions(network="runs/old")
    monkeypatch.chdir("/")

    assert options.network == str(tmp_path / "runs" / "old")


def test_missing_network_is_told_before_anything_is_built():
    with pytest.raises(ConfigError, match=r"\[teaching.distill\] network: expected the path of a run"):
        Training(settings(weight=1.0), Single(CPU))
    with pytest.raises(CheckpointError, match="nowhere: expected a run folder, a checkpoint or an exported network"):
        Training(settings(network="nowhere"), Single(CPU))


def test_weight_goes_from_start_to_end(network):
    teacher = distill(network, weight=4.0, final_weight=0.0)

    assert [teacher.weight(progress) for progress in (0, 0.5, 1)] == [4, 2, 0]


def test_figures_tell_how_far_the_policy_and_the_value_are(network):
    training = Training(settings(network=str(network)), Single(CPU))
    metrics, _ = training.update()

    assert metrics["distill_kl"] > 0
    assert metrics["distill_value_error"] > 0


def test_the_first_games_are_those_of_a_run_without_a_teacher(network):
    taught, alone = (Training(made, Single(CPU)) for made in (settings(network=str(network)), settings()))
    one, other = taught.source.next()[0], alone.source.next()[0]

    np.testing.assert_array_equal(one.action, other.action)
    assert taught.learner.batches.order.bit_generator.state == alone.learner.batches.order.bit_generator.state


def test_resumed_run_is_the_run(network):
    def goes_on(training: Training) -> Checkpoint:
        training.update()
        return training.checkpoint()

    whole = Training(settings(network=str(network)), Single(CPU))
    whole.update()
    stored = whole.checkpoint()
    resumed = Training(read_settings_of(stored), Single(CPU))
    resumed.restore(stored)

    one, other = goes_on(whole), goes_on(resumed)

    assert all(torch.equal(tensor, other.weights[name]) for name, tensor in one.weights.items())


def read_settings_of(checkpoint: Checkpoint) -> Settings:
    """Reads a checkpoint's config as a resumed run reads config.toml."""
    tables = checkpoint.state["config"]
    return read_settings(
        None, [(f"{table}.{key}", value) for table, keys in tables.items() for key, value in keys.items()]
    )
