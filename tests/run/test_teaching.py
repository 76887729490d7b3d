"""What a run teaches beside its games, and how it scales advantages."""

import threading

import numpy as np
import pytest
import torch

from keisei_core.distribution import Single
from keisei_core.experience import Segment
from keisei_core.learn import Batch
from keisei_core.run import Training
from keisei_core.shogi import find_mates, legal_mask
from keisei_plugins_ppo import ppo as ppo_module
from keisei_plugins_ppo.loss import ppo_loss
from keisei_plugins_teachers import tactics as tactics_module
from keisei_plugins_teachers.tactics import lessons_beside

CPU = torch.device("cpu")
NEAR_MATE = "4k4/9/4P4/9/9/9/9/9/4K4 b 2G2S2N2L2RB5Pb 1"
TAUGHT = {
    "selfplay__starts": [NEAR_MATE],
    "selfplay__opening_plies": 2,
    "teaching__teachers": ["tactics"],
    "teaching__tactics__weight": 1.0,
    "teaching__tactics__final_weight": 1.0,
    "algorithm__target_kl": 0,
}


def minibatches(training: Training, segment: Segment) -> list[Batch]:
    return list(training.learner.batches.epochs(segment, 0.0, num_epochs=2))


def test_side_mates_add_their_share_of_rows_after_the_plies(tiny):
    changes = {"teaching__tactics__side_mates": 0.25, "teaching__tactics__mate_weight": 7.0}
    training = Training(tiny(**TAUGHT, **changes), Single(CPU))
    segment, _ = training.source.next()
    batches = minibatches(training, segment)

    assert len(batches) == segment.num_plies // 32 * 2
    for batch in batches:
        (lecture,) = batch.lectures
        assert len(batch.rows) == len(batch.action) == len(batch.column("log_prob")) == len(lecture.plies) == 32
        assert len(batch.planes) == len(batch.moves) == len(batch.material) == 40
        assert (lecture.first, len(lecture.beside)) == (32, 8)
        assert (lecture.beside.weight == 7).all()
        sound = torch.from_numpy(np.concatenate([lecture.plies.policy.mask, lecture.beside.policy.mask]))
        legal = torch.zeros(40, 2188, dtype=torch.bool).scatter_(1, batch.moves.long(), True)
        assert (legal[:, :2187] | ~sound).all()
        assert sound.any(dim=1).all()
        assert legal[torch.arange(32), batch.action].all()


def test_rows_after_the_plies_are_mates_beside_the_segment(tiny, monkeypatch):
    found = []

    def noted(*given):
        found.append(lessons_beside(*given))
        return found[-1]

    monkeypatch.setattr(tactics_module, "lessons_beside", noted)
    training = Training(tiny(**TAUGHT, teaching__tactics__side_mates=0.5), Single(CPU))
    segment, _ = training.source.next()
    batches = minibatches(training, segment)

    (beside,) = found  # once an update
    assert find_mates(beside.positions, legal_mask(beside.positions)).any(axis=1).all()
    planes = {planes.tobytes() for planes in training.features.encode(beside.positions)}
    drawn = [each.numpy().tobytes() for batch in batches for each in batch.planes[32:]]
    assert len(drawn) == 16 * len(batches)
    assert set(drawn) <= planes
    assert len(set(drawn)) > len(batches)


NO_MATES = {"selfplay__starts": ["startpos"], "teaching__tactics__side_mates": 0.25, "learning__minibatch": 16}


@pytest.mark.parametrize("changes", [{}, NO_MATES])
def test_only_the_plies_are_taught_without_side_mates_and_where_none_were_found(tiny, changes):
    training = Training(tiny(**TAUGHT | changes, selfplay__rollout_plies=2 if changes else 8), Single(CPU))
    segment, _ = training.source.next()
    batches = minibatches(training, segment)

    assert batches
    for batch in batches:
        assert len(batch.planes) == len(batch.lectures[0].plies) == len(batch.action)
        assert batch.lectures[0].beside is None


def test_nothing_is_taught_without_teachers(tiny):
    training = Training(tiny(), Single(CPU))
    segment, _ = training.source.next()

    assert all(batch.lectures == [] for batch in minibatches(training, segment))


def test_learning_with_side_mates_plays_more_of_them(tiny):
    settings = tiny(
        **TAUGHT,
        teaching__tactics__side_mates=1.0,
        optimizer__learning_rate=0.01,
        algorithm__epochs=4,
        selfplay__mirror=False,
    )
    training = Training(settings, Single(CPU))
    segment, _ = training.source.next()
    unseen = lessons_beside(segment.positions, 1.0, np.random.default_rng(99))
    mates = torch.from_numpy(unseen.targets.policy.mask)

    def mates_played() -> float:
        log_probs = training.evaluator.policy_and_value(unseen.positions, legal_mask(unseen.positions))[0]
        return float((log_probs.exp() * mates).sum(dim=1).mean())

    before = mates_played()
    for _ in range(8):
        training.learner.update(segment, 0)

    assert mates_played() > before + 0.1


def test_same_seed_draws_the_same_side_mates(tiny):
    weights = []
    for _ in range(2):
        training = Training(tiny(**TAUGHT, teaching__tactics__side_mates=0.25), Single(CPU))
        training.update()
        weights.append(torch.cat([parameter.detach().reshape(-1) for parameter in training.network.parameters()]))

    assert torch.equal(*weights)


@pytest.mark.parametrize(("progress", "weight"), [(0.0, 3.0), (0.5, 1.5), (1.0, None)])
def test_weight_goes_linearly_to_its_end_and_a_teacher_at_0_is_not_asked(tiny, progress, weight):
    changes = {"teaching__tactics__weight": 3.0, "teaching__tactics__final_weight": 0.0}
    training = Training(tiny(**TAUGHT | changes), Single(CPU))
    segment, _ = training.source.next()

    batch = next(training.learner.batches.epochs(segment, progress))

    assert [lecture.weight for lecture in batch.lectures] == ([] if weight is None else [weight])


def advantages_given(tiny, monkeypatch, scaling, floor=0.05):
    """Updates from a segment of known advantages; returns those and what each minibatch had of them."""
    settings = tiny(
        algorithm__advantage_scaling=scaling,
        algorithm__epochs=1,
        algorithm__target_kl=0,
        algorithm__advantage_std_floor=floor,
    )
    training = Training(settings, Single(CPU))
    segment, _ = training.source.next()
    ppo = training.learner.algorithm
    advantage = np.random.default_rng(5).normal(3, 2, segment.action.shape).astype(np.float32)
    monkeypatch.setattr(ppo, "advantage_and_target", lambda *given: (advantage, np.zeros_like(advantage)))
    given = []
    monkeypatch.setattr(
        ppo_module, "ppo_loss", lambda outputs, **terms: given.append((outputs, terms)) or ppo_loss(outputs, **terms)
    )
    report = training.learner.update(segment, 0.0)
    assert report.figures["advantage_std"] == pytest.approx(advantage.std(), rel=1e-5)
    return advantage.reshape(-1), [(outputs.batch.rows, terms["advantage"].numpy()) for outputs, terms in given]


def test_advantages_are_left_as_they_are(tiny, monkeypatch):
    advantage, given = advantages_given(tiny, monkeypatch, "off")
    assert len(given) == 2
    for rows, scaled in given:
        np.testing.assert_array_equal(scaled, advantage[rows])


def test_advantages_are_scaled_over_the_segment(tiny, monkeypatch):
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
    settings = tiny(algorithm__advantage_scaling="minibatch", algorithm__advantage_std_floor=0.5)
    ppo = Training(settings, Single(CPU)).learner.algorithm
    quiet = np.array([1.0, 1.2], np.float32)  # spread 0.1
    np.testing.assert_allclose(ppo.normalized(quiet, np.ones(2, np.bool_)), [-0.2, 0.2], atol=1e-6)


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
    changes = {
        "teaching__tactics__side_mates": 0.25,
        "algorithm__advantage_scaling": scaling,
        "selfplay__rollout_plies": 4,
    }
    settings = [tiny(**TAUGHT | changes | {"selfplay__starts": [start]}) for start in (NEAR_MATE, "startpos")]
    trainings = [Training(each, half) for each, half in zip(settings, halves, strict=True)]
    segments = [training.source.next()[0] for training in trainings]
    num_rows, reports = [set(), set()], [None, None]

    def learn(rank):
        learner = trainings[rank].learner
        evaluate = learner.steps.evaluate
        learner.steps.evaluate = lambda batch: num_rows[rank].add(len(batch.planes)) or evaluate(batch)
        reports[rank] = learner.update(segments[rank], 0.0)

    threads = [threading.Thread(target=learn, args=(rank,)) for rank in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert num_rows == [{20}, {16}]
    assert reports[0].num_steps == reports[1].num_steps > 0
    assert halves[0].num_sums == halves[1].num_sums
