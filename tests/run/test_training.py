"""One run's parts together: it learns from what it played, and goes on from a checkpoint as if it had never stopped."""

import hashlib

import numpy as np
import pytest
import torch

from keisei_core.arena import play_match
from keisei_core.checkpoint import read_checkpoint, write_checkpoint
from keisei_core.distribution import Single
from keisei_core.errors import ConfigError, DivergedError, StoppedError
from keisei_core.run import Training
from keisei_core.shogi import NAMED_STARTS, Ending, format_sfen
from keisei_plugins_ppo.loss import ppo_loss

ALONE = Single(torch.device("cpu"))


def digest(training: Training) -> str:
    """Hash of everything that a checkpoint holds but the clock."""
    checkpoint = training.checkpoint()
    state = checkpoint.state | checkpoint.ranks[0].state | {"counters": training.counters.update}
    whole = hashlib.sha256(repr(sorted(state.items())).encode())
    for tensors in (checkpoint.weights, checkpoint.optimizer):
        for name in sorted(tensors):
            whole.update(name.encode() + tensors[name].contiguous().numpy().tobytes())
    for name, array in sorted(checkpoint.ranks[0].arrays.items()):
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
        optimizer__learning_rate=3e-3,
    )
    training = Training(settings, ALONE)
    steps = training.learner.steps
    segment, _ = training.source.next()
    target = np.sign(np.random.default_rng(0).normal(size=segment.action.shape)).astype(np.float32)
    batch = training.learner.batches.batch(segment, np.arange(segment.num_plies))

    def loss() -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        return ppo_loss(
            steps.evaluate(batch),
            advantage=torch.ones(segment.num_plies),
            target=batch.of(target),
            old_log_prob=batch.column("log_prob"),
            is_drawn=batch.column("is_drawn"),
            clip=10.0,
            policy_coefficient=1.0,
            value_coefficient=2.0,
            entropy_coefficient=0.0,
        )

    steps.begin(0.0)
    first = loss()[1]
    for _ in range(400):
        steps.precision.step(loss()[0], steps.optimizer, 0.5)
    last = loss()[1]

    assert last["value_loss"] < 0.1 * first["value_loss"]
    # Every action had advantage 1, so the policy plays them as often as the clip lets it: 11 times as often.
    assert last["policy_loss"] < 8 * first["policy_loss"] < 0


def test_same_seed_gives_the_same_run_and_another_seed_another(tiny):
    runs = [Training(tiny(run__seed=seed), ALONE) for seed in (1, 1, 2)]
    for training in runs:
        training.update()

    first, second, other = map(digest, runs)

    assert first == second != other


class Two(Single):
    """One of two processes; the other was asked to stop, or was not."""

    world_size = 2

    def __init__(self, is_other_asked: bool) -> None:
        super().__init__(torch.device("cpu"))
        self.is_other_asked = is_other_asked

    def any(self, flag: bool) -> bool:
        return flag or self.is_other_asked


@pytest.mark.parametrize(("is_asked", "is_other_asked"), [(True, False), (False, True)])
def test_stop_of_one_process_during_self_play_stops_all_before_they_learn(tiny, monkeypatch, is_asked, is_other_asked):
    training = Training(tiny(), Two(is_other_asked))
    monkeypatch.setattr(training.learner, "update", lambda *_: pytest.fail("learned"))

    with pytest.raises(StoppedError, match="during self-play"):
        training.update(lambda: is_asked)


def test_match_takes_nothing_from_the_runs_random_streams(tiny):
    plain, measured = Training(tiny(), ALONE), Training(tiny(), ALONE)
    measured.matches.play(4)
    for training in (plain, measured):
        training.update()

    assert digest(plain) == digest(measured)


def test_nan_gradient_is_skipped_counted_and_never_reaches_a_parameter(tiny, monkeypatch):
    training = Training(tiny(learning__max_skipped_steps=100), ALONE)
    network = training.network.network
    before = {name: parameter.detach().clone() for name, parameter in network.named_parameters()}
    segment, _ = training.source.next()
    monkeypatch.setattr(training.network, "forward", poisoned(training.network.forward))

    report = training.learner.update(segment, 0.0)

    assert report.num_skipped > 0
    assert report.num_steps == 0
    assert all(torch.equal(parameter, before[name]) for name, parameter in network.named_parameters())


def poisoned(forward):
    def nan_while_learning(planes, material):
        *outputs, extra = forward(planes, material)
        broken = [output * float("nan") if torch.is_grad_enabled() else output for output in outputs]
        return *broken, extra

    return nan_while_learning


def test_network_whose_outputs_are_nan_ends_self_play_before_a_move_is_chosen(tiny):
    training = Training(tiny(), ALONE)
    training.network.network.register_forward_hook(lambda *given: tuple(output * np.nan for output in given[2]))

    told = r"expected finite outputs of the network in play, got nan or inf in value of model 'resnet' of keisei"
    with pytest.raises(DivergedError, match=told):
        training.update()


def test_stop_between_minibatches_leaves_the_update(tiny):
    training = Training(tiny(), ALONE)
    segment, _ = training.source.next()
    answers = iter([False, False, True])

    with pytest.raises(StoppedError, match="during learning"):
        training.learner.update(segment, 0.0, lambda: next(answers))

    steps = {int(state["step"]) for state in training.learner.steps.optimizer.state.values()}
    assert steps == {2}


def test_too_many_nan_gradients_in_a_row_stop_the_run(tiny):
    training = Training(tiny(learning__max_skipped_steps=2), ALONE)
    segment, _ = training.source.next()
    segment.columns["log_prob"][:] = np.nan

    with pytest.raises(DivergedError, match=r"2 steps in a row.*lower optimizer\.learning_rate"):
        training.learner.update(segment, 0.0)


def test_games_cut_off_are_counted_and_bootstrapped(tiny):
    training = Training(tiny(selfplay__max_plies=12, selfplay__rollout_plies=30, selfplay__opening_plies=0), ALONE)

    segment, report = training.source.next()

    assert report.endings[Ending.MAX_PLIES] == 8 * 2
    assert segment.was_cut.sum() == len(segment.cut) == 16
    assert segment.cut_rows.tolist() == np.flatnonzero(segment.was_cut).tolist()
    assert (segment.cut.ply == 12).all()
    assert report.finished_plies == 16 * 12


def test_games_start_where_the_config_says(tiny):
    bare_king = "4k4/9/9/9/9/9/9/9/R3K4 b G 1"
    settings = tiny(selfplay__starts=["two-piece", bare_king], selfplay__opening_plies=0, selfplay__mirror=False)

    starts = {format_sfen(Training(settings, ALONE).source.games.positions, row) for row in range(8)}

    assert starts == {NAMED_STARTS["two-piece"], bare_king}


def test_mirrored_starts_are_the_left_right_mirror(tiny):
    settings = tiny(selfplay__opening_plies=0, selfplay__games=16)

    boards = {format_sfen(Training(settings, ALONE).source.games.positions, row).split("/")[1] for row in range(16)}

    assert boards == {"1r5b1", "1b5r1"}


def test_malformed_start_is_refused_with_the_names_that_exist(tiny):
    told = r"\[selfplay\] starts: expected .* did you mean 'two-piece'\? write an SFEN or one of startpos, lance"
    with pytest.raises(ConfigError, match=told):
        Training(tiny(selfplay__starts=["two-peace"]), ALONE)


def test_value_that_knows_only_the_material_explains_nothing_of_results_by_chance(tiny):
    training = Training(tiny(value__material=1.0), ALONE)
    segment, _ = training.source.next()
    random = np.random.default_rng(0)
    segment.ending[:] = Ending.MATE  # every ply ends a game, lost or won by chance
    segment.ending[random.random(segment.ending.shape) < 0.5] = Ending.PERPETUAL_CHECK_BY_MOVER
    balance = random.integers(-20, 20, segment.ending.shape)
    explained = []
    for value in (np.tanh(balance / 20), segment.reward):
        segment.columns["value"][:] = value
        ppo = training.learner.algorithm
        explained.append(ppo.health(segment, *ppo.advantage_and_target(segment))["explained_variance"])

    assert explained[0] <= 0
    assert explained[1] == pytest.approx(1, abs=1e-3)


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


def test_rates_go_linearly_to_their_final_values(tiny):
    settings = tiny(optimizer__learning_rate=0.01, optimizer__final_learning_rate=0.002, algorithm__target_kl=0)
    learner = Training(settings, ALONE).learner
    segment, _ = Training(settings, ALONE).source.next()

    reports = [learner.update(segment, progress) for progress in (0.0, 0.5, 1.0)]

    assert [report.figures["learning_rate"] for report in reports] == pytest.approx([0.01, 0.006, 0.002])
    assert learner.steps.optimizer.param_groups[0]["lr"] == pytest.approx(0.002)


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
    assert whole.source.pool.updates == [1, 2, 3, 4, 5, 6]
    for name, tensor in whole.checkpoint().pool.items():
        assert torch.equal(tensor, resumed.checkpoint().pool[name])


def test_plies_of_the_pools_opponents_are_not_learned_from(tiny):
    settings = tiny(
        selfplay__pool_share=1.0,
        selfplay__pool_every_updates=1,
        selfplay__max_plies=12,
        selfplay__rollout_plies=24,
        learning__minibatch=8,
    )
    training = Training(settings, ALONE)
    training.update()
    segment, _ = training.source.next()
    assert 0.3 < segment.learned.mean() < 0.9

    taken = [row for batch in training.learner.batches.epochs(segment, 0.0, num_epochs=2) for row in batch.rows]

    assert segment.learned.reshape(-1)[taken].all()
    assert len(taken) >= segment.learned.sum() * 2 * 0.8


def test_taught_tactics_show_their_share_in_the_metrics_and_raise_it(tiny):
    settings = tiny(
        selfplay__opening_plies=30,
        teaching__teachers=["tactics"],
        teaching__tactics__weight=5.0,
        teaching__tactics__margin=1,
        optimizer__learning_rate=0.01,
        algorithm__epochs=4,
        algorithm__target_kl=0,
    )
    taught = Training(settings, ALONE)
    segment, _ = taught.source.next()
    shares = [taught.learner.update(segment, 0).figures["tactics_share"] for _ in range(8)]
    assert shares[0] + 0.1 < shares[-1] <= 1
    assert "tactics_share" not in Training(tiny(), ALONE).update()[0]


def test_run_ends_after_its_games(tiny):
    training = Training(tiny(run__games=20, run__plies=1_000_000, selfplay__max_plies=12), ALONE)
    while not training.is_complete:
        training.update()
    assert 20 <= training.counters.games < 30


@pytest.mark.parametrize(("limit", "counter"), [("run__minutes", "elapsed_s"), ("run__core_minutes", "core_s")])
def test_learning_rate_of_a_run_that_a_clock_ends_comes_down_with_the_clock(tiny, limit, counter):
    training = Training(tiny(run__plies=10**9, **{limit: 1.0}), ALONE)
    setattr(training.counters, counter, 30.0)

    metrics, _ = training.update()

    rates = training.settings.optimizer.options
    assert metrics["progress"] == 0.5
    assert metrics["learning_rate"] == pytest.approx((rates.learning_rate + rates.final_learning_rate) / 2)
