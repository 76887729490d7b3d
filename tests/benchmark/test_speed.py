"""Speeds from seconds, and what is measured at all."""

import attrs
import pytest
import torch

from keisei_core.benchmark.speed import Round, measure_speed, spread_games, summary
from keisei_core.benchmark.subject import Subject
from keisei_core.checkpoint import CheckpointStore
from keisei_core.config.document import Override
from keisei_core.plugins import load_registry

ROUND = Round(
    plies=1_000,
    evaluations=1_100,
    learned=2_000,
    games=5,
    act_s=2.0,
    environment_s=0.5,
    update_s=7.5,
    bare_act_s=2.0,
    bare_update_s=6.0,
)


def test_speeds_of_one_round():
    speed = summary([ROUND])

    assert speed.games == 0.5
    assert speed.plies == 100
    assert speed.act_evaluations == 550
    assert speed.environment_plies == 2_000
    assert speed.selfplay_plies == 400
    assert speed.update_plies == pytest.approx(1_000 / 7.5)
    assert speed.update_evaluations == pytest.approx(2_000 / 7.5)
    assert (speed.act_time, speed.environment_time, speed.update_time) == pytest.approx((0.2, 0.05, 0.75))
    assert speed.selfplay_share == pytest.approx(0.8)
    assert speed.update_share == pytest.approx(0.8)


def test_slow_round_does_not_spoil_the_figures():
    slow = attrs.evolve(ROUND, act_s=20.0, update_s=75.0, bare_act_s=2.0)

    assert summary([ROUND, slow, ROUND]).plies == summary([ROUND]).plies
    assert summary([ROUND, slow, ROUND]).selfplay_share == pytest.approx(0.8)


@pytest.fixture
def subject(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(
        '[run]\ndevice = "cpu"\nthreads = 1\n[selfplay]\ngames = 16\nrollout_plies = 4\nmax_plies = 60\n'
        "[learning]\nminibatch = 32\n[algorithm]\ntarget_kl = 1e-9\n[model]\ntower_depth = 1\ntower_width = 8\n"
    )
    return Subject.find(str(path), [], load_registry())


def test_checkpoint_is_measured_with_its_own_config_and_weights(subject, tmp_path):
    trained = subject.training()
    trained.update()
    checkpoint = trained.checkpoint()
    assert checkpoint is not None
    (tmp_path / "run").mkdir()
    CheckpointStore(tmp_path / "run" / "checkpoints", keep=1).save(1, checkpoint)
    overrides = [Override("selfplay.games", 8, "--set")]
    found = Subject.find(str(tmp_path / "run"), overrides, load_registry())

    assert found.settings.model.options == subject.settings.model.options
    assert found.settings.selfplay.games == 8
    weights = found.training().network.network.state_dict()
    assert all(torch.equal(weights[name], tensor) for name, tensor in trained.network.network.state_dict().items())
    untrained = subject.training().network.network.state_dict()
    assert any(not torch.equal(weights[name], tensor) for name, tensor in untrained.items())


def test_games_stand_at_all_their_stages_before_speed_is_measured(subject):
    training = subject.training()
    spread_games(training)

    plies = training.source.games.positions.ply
    assert plies.max() > 30
    assert plies.min() < 30
    assert plies.std() > 8


def test_every_stage_is_measured_and_every_epoch_learned(subject):
    threads = torch.get_num_threads()
    speed = measure_speed(subject.training(), num_rounds=2)
    torch.set_num_threads(threads)

    figures = attrs.asdict(speed)
    assert all(value > 0 for name, value in figures.items() if name != "games"), figures
    # Two epochs: twice as many evaluations as plies, though the KL bound would have ended the update at once.
    assert speed.update_evaluations == pytest.approx(2 * speed.update_plies, rel=0.01)
    assert speed.act_time + speed.environment_time + speed.update_time == pytest.approx(1, abs=0.1)
    # Acting does all that the bare network does, and more.
    assert speed.act_evaluations < 3 * speed.bare_act_evaluations  # other work may take the core in either's turn
