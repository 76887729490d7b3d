"""What a run teaches beside its games, and how it scales advantages."""

import threading

import numpy as np
import pytest
import torch

from keisei_core.distribution import Single
from keisei_core.learn import learner as learner_module
from keisei_core.learn.lessons import mates_beside
from keisei_core.run import Training
from keisei_core.shogi import find_mates, legal_mask

CPU = torch.device("cpu")
NEAR_MATE = "4k4/9/4P4/9/9/9/9/9/4K4 b 2G2S2N2L2RB5Pb 1"
TAUGHT = {"selfplay__starts": [NEAR_MATE], "selfplay__opening_plies": 2, "ppo__tactics": 1.0, "ppo__target_kl": 0}


def minibatches(training, rollout):
    learner = training.learner
    advantage, target = learner.advantage_and_target(rollout)
    return list(learner._minibatches(rollout, advantage, target))


def test_side_mates_add_their_share_of_rows_after_the_plies(tiny):
    training = Training(tiny(**TAUGHT, ppo__side_mates=0.25, ppo__mate_weight=7.0), Single(CPU))
    rollout, _ = training.self_play.play(8)
    batches = minibatches(training, rollout)

    assert len(batches) == rollout.num_plies // 32 * training.settings.ppo.epochs
    for batch in batches:
        assert len(batch.action) == len(batch.advantage) == len(batch.target) == 32
        assert len(batch.planes) == len(batch.legal) == len(batch.sound) == len(batch.sound_weight) == 40
        assert (batch.sound_weight[32:] == 7).all()
        assert (batch.legal.bool() | ~batch.sound).all()
        assert batch.sound.any(dim=1).all()
        assert batch.legal[torch.arange(32), batch.action].all()


def test_rows_after_the_plies_are_mates_beside_the_rollout(tiny, monkeypatch):
    found = []
    monkeypatch.setattr(learner_module, "mates_beside", lambda *given: found.append(mates_beside(*given)) or found[-1])
    training = Training(tiny(**TAUGHT, ppo__side_mates=0.5), Single(CPU))
    rollout, _ = training.self_play.play(8)
    batches = minibatches(training, rollout)

    (beside,) = found  # once an update
    assert find_mates(beside.positions, legal_mask(beside.positions)).any(axis=1).all()
    planes = {planes.tobytes() for planes in training.learner.features.encode(beside.positions)}
    drawn = [each.numpy().tobytes() for batch in batches for each in batch.planes[32:]]
    assert len(drawn) == 16 * len(batches)
    assert set(drawn) <= planes
    assert len(set(drawn)) > len(batches)


@pytest.mark.parametrize("changes", [{}, {"selfplay__starts": ["startpos"], "ppo__side_mates": 0.25}])
def test_only_the_plies_are_taught_without_side_mates_and_where_none_were_found(tiny, changes):
    training = Training(tiny(**TAUGHT | changes), Single(CPU))
    rollout, _ = training.self_play.play(2 if changes else 8)
    batches = minibatches(training, rollout)

    assert batches
    assert all(len(batch.planes) == len(batch.sound) == len(batch.action) for batch in batches)


def test_nothing_is_taught_without_tactics(tiny):
    training = Training(tiny(), Single(CPU))
    rollout, _ = training.self_play.play(8)

    assert all(batch.sound is None is batch.sound_weight for batch in minibatches(training, rollout))


def test_learning_with_side_mates_plays_more_of_them(tiny):
    settings = tiny(**TAUGHT, ppo__side_mates=1.0, ppo__learning_rate=0.01, ppo__epochs=4, selfplay__mirror=False)
    training = Training(settings, Single(CPU))
    rollout, _ = training.self_play.play(8)
    unseen = mates_beside(rollout.positions, 1.0, np.random.default_rng(99))

    def mates_played() -> float:
        log_probs = training.evaluator.policy_and_value(unseen.positions, legal_mask(unseen.positions))[0]
        return float((log_probs.exp() * torch.from_numpy(unseen.sound)).sum(dim=1).mean())

    before = mates_played()
    for _ in range(8):
        training.learner.update(rollout, 0)

    assert mates_played() > before + 0.1


def test_same_seed_draws_the_same_side_mates(tiny):
    weights = []
    for _ in range(2):
        training = Training(tiny(**TAUGHT, ppo__side_mates=0.25), Single(CPU))
        training.update()
        weights.append(torch.cat([parameter.detach().reshape(-1) for parameter in training.network.parameters()]))

    assert torch.equal(*weights)


def advantages_given(tiny, monkeypatch, scaling, floor=0.05):
    """Updates from a rollout of known advantages; returns those and what each minibatch had of them."""
    training = Training(
        tiny(ppo__advantage_scaling=scaling, ppo__epochs=1, ppo__target_kl=0, ppo__advantage_std_floor=floor),
        Single(CPU),
    )
    rollout, _ = training.self_play.play(8)
    advantage = np.random.default_rng(5).normal(3, 2, rollout.action.shape).astype(np.float32)
    monkeypatch.setattr(training.learner, "advantage_and_target", lambda *given: (advantage, np.zeros_like(advantage)))
    given, loss, minibatch = [], training.learner.loss, training.learner.minibatch
    rows = []
    monkeypatch.setattr(training.learner, "loss", lambda batch, *rest: given.append(batch) or loss(batch, *rest))
    monkeypatch.setattr(
        training.learner,
        "minibatch",
        lambda rollout, chosen, *rest: rows.append(chosen) or minibatch(rollout, chosen, *rest),
    )
    report = training.learner.update(rollout, 0.0)
    assert report.figures["advantage_std"] == pytest.approx(advantage.std(), rel=1e-5)
    return advantage.reshape(-1), [(chosen, batch.advantage.numpy()) for chosen, batch in zip(rows, given, strict=True)]


def test_advantages_are_left_as_they_are(tiny, monkeypatch):
    advantage, given = advantages_given(tiny, monkeypatch, "off")
    assert len(given) == 2
    for rows, scaled in given:
        np.testing.assert_array_equal(scaled, advantage[rows])


def test_advantages_are_scaled_over_the_rollout(tiny, monkeypatch):
    advantage, given = advantages_given(tiny, monkeypatch, "rollout")
    for rows, scaled in given:
        np.testing.assert_allclose(scaled, (advantage[rows] - advantage.mean()) / advantage.std(), atol=1e-4)
        assert abs(scaled.mean()) > 1e-3


@pytest.mark.parametrize("floor", [0.05, 5.0])
def test_advantages_are_scaled_over_each_minibatch_and_nowhere_else(tiny, monkeypatch, floor):
    advantage, given = advantages_given(tiny, monkeypatch, "minibatch", floor)
    for rows, scaled in given:
        own = advantage[rows]
        np.testing.assert_allclose(scaled, (own - own.mean()) / max(own.std(), floor), atol=1e-4)


def test_spread_of_a_quiet_minibatch_counts_as_the_floor(tiny):
    learner = Training(tiny(ppo__advantage_scaling="minibatch", ppo__advantage_std_floor=0.5), Single(CPU)).learner
    quiet = np.array([1.0, 1.2], np.float32)  # spread 0.1
    np.testing.assert_allclose(learner.normalized(quiet, np.ones(2, np.bool_)), [-0.2, 0.2], atol=1e-6)


class Half(Single):
    """One of two processes, played by two threads that add up what they have when both are there."""

    world_size = 2

    def __init__(self, rank, meeting, parts):
        super().__init__(CPU)
        self.rank, self.meeting, self.parts = rank, meeting, parts
        self.num_sums = 0

    def sum(self, values):
        self.num_sums += 1
        self.parts[self.rank] = values.clone()
        self.meeting.wait(20)
        assert self.parts[0].shape == self.parts[1].shape
        total = self.parts[0] + self.parts[1]
        self.meeting.wait(20)
        return total


@pytest.mark.parametrize("scaling", ["rollout", "minibatch"])
def test_processes_take_as_many_steps_where_one_of_them_has_no_side_mates(tiny, scaling):
    """Neither what a process finds beside its games nor how many rows it has then decides whether it goes on."""
    meeting, parts = threading.Barrier(2), [None, None]
    halves = [Half(rank, meeting, parts) for rank in (0, 1)]
    settings = [
        tiny(**TAUGHT | {"selfplay__starts": [start]}, ppo__side_mates=0.25, ppo__advantage_scaling=scaling)
        for start in (NEAR_MATE, "startpos")
    ]
    trainings = [Training(each, half) for each, half in zip(settings, halves, strict=True)]
    rollouts = [training.self_play.play(4)[0] for training in trainings]
    num_rows, reports = [set(), set()], [None, None]

    def learn(rank):
        learner = trainings[rank].learner
        loss = learner.loss
        learner.loss = lambda batch, *rest: num_rows[rank].add(len(batch.planes)) or loss(batch, *rest)
        reports[rank] = learner.update(rollouts[rank], 0.0)

    threads = [threading.Thread(target=learn, args=(rank,)) for rank in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert num_rows == [{20}, {16}]
    assert reports[0].num_steps == reports[1].num_steps > 0
    assert halves[0].num_sums == halves[1].num_sums
