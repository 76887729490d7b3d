"""One run's parts together: it learns from what it played, and goes on from a checkpoint as if it had never stopped."""

import hashlib

import numpy as np
import pytest
import torch

from keisei_core.arena import play_match
from keisei_core.checkpoint import read_checkpoint, write_checkpoint
from keisei_core.distribution import Single
from keisei_core.errors import ConfigError, DivergedError, StoppedError
from keisei_core.learn import potential
from keisei_core.run import Training
from keisei_core.shogi import NAMED_STARTS, Ending, format_sfen

ALONE = Single(torch.device("cpu"))


def digest(training: Training) -> str:
    """Hash of everything that a checkpoint holds but the clock."""
    checkpoint = training.checkpoint()
    state = checkpoint.state | checkpoint.ranks[0].state | {"counters": training.counters.update}
    whole = hashlib.sha256(repr(sorted(state.items())).encode())
    for tensors in (checkpoint.weights, checkpoint.optimizer):
        for name in sorted(tensors):
            whole.update(name.encode() + tensors[name].contiguous().numpy().tobytes())
    for name, array in sorted(checkpoint.ranks[0].games.items()):
        whole.update(name.encode() + array.tobytes())
    return whole.hexdigest()


def test_first_minibatch_has_the_probabilities_that_acted(tiny):
    training = Training(tiny(), ALONE)
    training.update()

    # After an update the policy is no longer uniform: a mask or plane made differently would show.
    metrics, _ = training.update()

    assert metrics["first_ratio_error"] < 1e-4


def test_update_moves_every_parameter(tiny):
    training = Training(tiny(selfplay__max_plies=20), ALONE)
    before = {name: parameter.detach().clone() for name, parameter in training.network.named_parameters()}

    for _ in range(4):
        training.update()

    unmoved = [name for name, parameter in training.network.named_parameters() if torch.equal(parameter, before[name])]
    assert unmoved == []


def test_one_fixed_batch_overfits(tiny):
    settings = tiny(
        model__tower_width=16,
        ppo__learning_rate=3e-3,
        ppo__entropy_coefficient=0.0,
        ppo__value_coefficient=2.0,
        ppo__clip=10.0,
    )
    training = Training(settings, ALONE)
    learner = training.learner
    rollout, _ = training.self_play.play(8)
    target = np.sign(np.random.default_rng(0).normal(size=rollout.action.shape)).astype(np.float32)
    batch = learner.minibatch(rollout, np.arange(rollout.num_plies), np.ones_like(target), target)

    first = learner.loss(batch, 0.0).figures
    for _ in range(400):
        learner.precision.step(learner.loss(batch, 0.0).total, learner.optimizer, 0.5)
    last = learner.loss(batch, 0.0).figures

    assert last["value_loss"] < 0.1 * first["value_loss"]
    # Every action had advantage 1, so the policy plays them as often as the clip lets it: 11 times as often.
    assert last["policy_loss"] < 8 * first["policy_loss"] < 0


def test_same_seed_gives_the_same_run_and_another_seed_another(tiny):
    runs = [Training(tiny(run__seed=seed), ALONE) for seed in (1, 1, 2)]
    for training in runs:
        training.update()

    first, second, other = map(digest, runs)

    assert first == second != other


def test_match_takes_nothing_from_the_runs_random_streams(tiny):
    plain, measured = Training(tiny(), ALONE), Training(tiny(), ALONE)
    measured.match(4)
    for training in (plain, measured):
        training.update()

    assert digest(plain) == digest(measured)


def test_nan_gradient_is_skipped_counted_and_never_reaches_a_parameter(tiny, monkeypatch):
    training = Training(tiny(ppo__max_skipped_steps=100), ALONE)
    network = training.network.network
    before = {name: parameter.detach().clone() for name, parameter in network.named_parameters()}
    monkeypatch.setattr(training.learner.network, "forward", poisoned(training.learner.network.forward))
    rollout, _ = training.self_play.play(4)

    report = training.learner.update(rollout, 0.0)

    assert report.num_skipped > 0
    assert report.num_steps == 0
    assert all(torch.equal(parameter, before[name]) for name, parameter in network.named_parameters())


def poisoned(forward):
    def nan_while_learning(planes):
        outputs = forward(planes)
        return tuple(output * float("nan") for output in outputs) if torch.is_grad_enabled() else outputs

    return nan_while_learning


def test_network_whose_outputs_are_nan_ends_self_play_before_a_move_is_chosen(tiny):
    training = Training(tiny(), ALONE)
    training.network.network.register_forward_hook(lambda *given: tuple(output * np.nan for output in given[2]))

    with pytest.raises(DivergedError, match=r"expected finite outputs of the network in self-play, got nan or inf; "):
        training.update()


def test_stop_between_minibatches_leaves_the_update(tiny):
    training = Training(tiny(), ALONE)
    rollout, _ = training.self_play.play(8)
    answers = iter([False, False, True])

    with pytest.raises(StoppedError, match="during learning"):
        training.learner.update(rollout, 0.0, lambda: next(answers))

    steps = {int(state["step"]) for state in training.learner.optimizer.state.values()}
    assert steps == {2}


def test_too_many_nan_gradients_in_a_row_stop_the_run(tiny):
    training = Training(tiny(ppo__max_skipped_steps=2), ALONE)
    rollout, _ = training.self_play.play(8)
    rollout.log_prob[:] = np.nan

    with pytest.raises(DivergedError, match=r"2 steps in a row.*lower ppo\.learning_rate"):
        training.learner.update(rollout, 0.0)


def test_games_cut_off_are_counted_and_bootstrapped(tiny):
    training = Training(tiny(selfplay__max_plies=12, selfplay__rollout_plies=30, selfplay__opening_plies=0), ALONE)

    rollout, report = training.self_play.play(30)

    assert report.endings[Ending.MAX_PLIES] == 8 * 2
    assert (rollout.cut_material[~rollout.was_cut] == 0).all()
    assert rollout.was_cut.sum() == 16
    assert report.finished_plies == 16 * 12


def test_games_start_where_the_config_says(tiny):
    bare_king = "4k4/9/9/9/9/9/9/9/R3K4 b G 1"
    settings = tiny(selfplay__starts=["two-piece", bare_king], selfplay__opening_plies=0, selfplay__mirror=False)

    starts = {format_sfen(Training(settings, ALONE).self_play.games.positions, row) for row in range(8)}

    assert starts == {NAMED_STARTS["two-piece"], bare_king}


def test_mirrored_starts_are_the_left_right_mirror(tiny):
    settings = tiny(selfplay__opening_plies=0, selfplay__games=16)

    boards = {format_sfen(Training(settings, ALONE).self_play.games.positions, row).split("/")[1] for row in range(16)}

    assert boards == {"1r5b1", "1b5r1"}


def test_malformed_start_is_refused_with_the_names_that_exist(tiny):
    with pytest.raises(ConfigError, match=r"\[selfplay\] starts: expected .*; write an SFEN or one of startpos, lance"):
        Training(tiny(selfplay__starts=["two-peace"]), ALONE)


def test_network_that_only_subtracts_material_explains_nothing_of_the_result(tiny):
    training = Training(tiny(ppo__shaping=1.0), ALONE)
    rollout, _ = training.self_play.play(8)
    rollout.ending[:] = rollout.reward[:] = 0
    rollout.material[:] = np.random.default_rng(0).integers(-20, 20, rollout.material.shape)
    rollout.value[:] = -potential(rollout.material, weight=1.0, scale=20.0)

    health = training.learner.health(rollout, *training.learner.advantage_and_target(rollout))

    # Its targets are the material alone, which it hits.
    assert health["explained_variance"] == pytest.approx(1, abs=1e-3)
    assert health["result_explained_variance"] == 0


def test_network_that_uses_one_tensor_twice_is_saved_and_restored(tiny, tmp_path):
    training = Training(tiny(), ALONE)
    network = training.network.network
    network.twin = network.value
    write_checkpoint(tmp_path / "one", training.checkpoint())

    training.restore(read_checkpoint(tmp_path / "one"))


class Favourite:
    """Plays the policy's most likely move: deterministic."""

    def __init__(self, evaluator):
        self.evaluator = evaluator

    def choose(self, positions, legal):
        return self.evaluator.policy_and_value(positions, legal)[0].argmax(dim=1).int().numpy()


def test_network_against_itself_scores_exactly_one_half(tiny):
    training = Training(tiny(selfplay__max_plies=20), ALONE)
    for _ in range(4):
        training.update()
    player = Favourite(training.evaluator)

    score = play_match(player, player, num_games=40, max_plies=200, opening_plies=10, seed=1)

    assert score.score == 0.5
    assert score.wins == score.losses


def test_shaping_goes_linearly_to_its_final_weight(tiny):
    training = Training(tiny(ppo__shaping=1.0, ppo__final_shaping=0.0), ALONE)
    rollout, _ = training.self_play.play(8)
    rollout.material[:] = np.arange(rollout.material.size, dtype=np.float32).reshape(rollout.material.shape)
    targets = [training.learner.advantage_and_target(rollout, progress)[1] for progress in (0.0, 0.5, 1.0)]
    np.testing.assert_allclose(targets[1], (targets[0] + targets[2]) / 2, atol=1e-5)
    assert np.abs(targets[0] - targets[2]).max() > 0.1


def test_run_with_a_pool_goes_on_from_a_checkpoint_as_if_it_had_not_stopped(tiny):
    """The snapshots, who plays whom, and the draw of opponents are all part of the state."""
    settings = tiny(selfplay__pool_share=0.5, selfplay__pool_every_updates=1, selfplay__max_plies=20)
    whole, resumed = Training(settings, ALONE), Training(settings, ALONE)
    for _ in range(3):
        whole.update()
    resumed.restore(whole.checkpoint())
    metrics = []
    for training in (whole, resumed):
        for _ in range(3):
            figures, _ = training.update()
        metrics.append({name: value for name, value in figures.items() if not name.endswith(("_s", "_per_s"))})

    assert metrics[0] == metrics[1]
    assert whole.self_play.pool.updates == [1, 2, 3, 4, 5, 6]
    for name, tensor in whole.checkpoint().pool.items():
        assert torch.equal(tensor, resumed.checkpoint().pool[name])


def test_plies_of_the_pools_opponents_are_not_learned_from(tiny):
    settings = tiny(selfplay__pool_share=1.0, selfplay__pool_every_updates=1, selfplay__max_plies=12, ppo__minibatch=8)
    training = Training(settings, ALONE)
    training.update()
    rollout, _ = training.self_play.play(24)
    assert 0.3 < rollout.learned.mean() < 0.9
    taken = []
    training.learner.minibatch = lambda rollout, rows, *rest: taken.extend(rows)
    list(training.learner._minibatches(rollout, rollout.reward, rollout.reward))
    assert rollout.learned.reshape(-1)[taken].all()
    assert len(taken) >= rollout.learned.sum() * training.settings.ppo.epochs * 0.8


def test_taught_tactics_show_their_share_in_the_metrics_and_raise_it(tiny):
    settings = tiny(
        selfplay__opening_plies=30,
        ppo__tactics=5.0,
        ppo__tactics_margin=1,
        ppo__learning_rate=0.01,
        ppo__epochs=4,
        ppo__target_kl=0,
    )
    taught = Training(settings, ALONE)
    rollout, _ = taught.self_play.play(8)
    shares = [taught.learner.update(rollout, 0).figures["sound_share"] for _ in range(8)]
    assert shares[0] + 0.1 < shares[-1] <= 1
    assert "sound_share" not in Training(tiny(), ALONE).update()[0]


def test_run_ends_after_its_games(tiny):
    training = Training(tiny(run__games=20, run__plies=1_000_000, selfplay__max_plies=12), ALONE)
    while not training.is_complete:
        training.update()
    assert 20 <= training.counters.games < 30


def test_learning_rate_of_a_run_that_the_clock_ends_comes_down_with_the_clock(tiny):
    training = Training(tiny(run__minutes=1.0, run__plies=10**9), ALONE)
    training.counters.elapsed_s = 30.0

    metrics, _ = training.update()

    rates = training.settings.optimizer.options
    assert metrics["progress"] == 0.5
    assert metrics["learning_rate"] == pytest.approx((rates.learning_rate + rates.final_learning_rate) / 2)
