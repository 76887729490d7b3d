"""Targets of teachers against plain Python: losses, figures, and what is refused."""

import math

import numpy as np
import pytest
import torch

from keisei_core.errors import PluginError
from keisei_core.evaluate import MovePolicy, log_policy
from keisei_core.experience import Segment
from keisei_core.learn import Lecturer, Lessons, MoveSets, MoveWeights, Targets, Taught, Teaching
from keisei_core.learn.teaching import Lecture
from keisei_core.shogi import NUM_ACTIONS, Games, legal_mask

NUM = 6
NAN = float("nan")


@pytest.fixture
def legal() -> np.ndarray:
    """bool [6, A]; 3, 5 and 8 are legal everywhere, 4 nowhere."""
    mask = np.random.default_rng(3).random((NUM, NUM_ACTIONS)) < 0.02
    mask[:, [3, 5, 8]] = True
    mask[:, 4] = False
    return mask


def listed(legal: np.ndarray) -> torch.Tensor:
    """int64 [6, K], the moves of a mask, filled up with A."""
    rows = [np.flatnonzero(row).tolist() for row in legal]
    return torch.tensor([row + [NUM_ACTIONS] * (max(map(len, rows)) - len(row)) for row in rows])


@pytest.fixture
def logits() -> torch.Tensor:
    return torch.randn(NUM, NUM_ACTIONS, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def policy(legal: np.ndarray, logits: torch.Tensor) -> MovePolicy:
    return MovePolicy.of(logits, listed(legal))


@pytest.fixture
def log_probs(legal: np.ndarray, logits: torch.Tensor) -> torch.Tensor:
    """float32 [6, A], the same policy written out."""
    return log_policy(logits, torch.from_numpy(legal))


def sets(legal: np.ndarray) -> np.ndarray:
    """bool [6, A], some of the legal moves, 3 among them."""
    mask = legal & (np.random.default_rng(4).random(legal.shape) < 0.3)
    mask[:, 3] = True
    return mask


def test_loss_of_a_set_is_the_negated_logarithm_of_its_probability(legal, policy, log_probs):
    mask = sets(legal)
    target = MoveSets.of(mask)

    loss = target.loss(policy)

    shares = [
        sum(math.exp(log_probs[row, action].item()) for action in np.flatnonzero(mask[row])) for row in range(NUM)
    ]
    assert loss.tolist() == pytest.approx([-math.log(share) for share in shares], rel=1e-5)
    name, figure = target.figure(loss.detach())
    assert (name, figure.item()) == ("share", pytest.approx(sum(shares) / NUM, rel=1e-5))


def test_sets_are_kept_in_an_eighth_of_their_size_and_come_back(legal):
    mask = sets(legal)
    target = MoveSets.of(mask)

    np.testing.assert_array_equal(target.mask, mask)
    np.testing.assert_array_equal(target[np.array([4, 1])].mask, mask[[4, 1]])
    assert target.packed.nbytes == NUM * math.ceil(NUM_ACTIONS / 8)


def weights(dtype: type = np.float32) -> MoveWeights:
    """Two moves in one half of the positions, and one in the other; the third place is empty everywhere."""
    action = np.tile(np.array([3, 8, 0], np.int16), (NUM, 1))
    weight = np.tile(np.array([0.25, 0.75, 0], dtype), (NUM, 1))
    weight[NUM // 2 :] = (1, 0, 0)
    return MoveWeights(action=action, weight=weight)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_loss_of_weights_is_the_divergence_from_target_to_policy(dtype, policy, log_probs):
    target = weights(dtype)

    loss = target.loss(policy)

    expected = []
    for row in range(NUM):
        pairs = zip(target.action[row].tolist(), target.weight[row].tolist(), strict=True)
        expected.append(sum(w * (math.log(w) - log_probs[row, action].item()) for action, w in pairs if w))
    assert loss.tolist() == pytest.approx(expected, rel=1e-5)
    assert min(expected) > 0
    name, figure = target.figure(loss.detach())
    assert (name, figure.item()) == ("kl", pytest.approx(sum(expected) / NUM, rel=1e-5))


def test_divergence_is_nothing_where_the_policy_is_the_target():
    logits = torch.zeros(NUM, NUM_ACTIONS)
    logits[:, 8] = math.log(3)
    policy = MovePolicy.of(logits, torch.tensor([[3, 8]]).expand(NUM, 2).contiguous())

    assert weights()[: NUM // 2].loss(policy[: NUM // 2]).tolist() == pytest.approx([0] * (NUM // 2), abs=1e-6)


@pytest.mark.parametrize("target", ["sets", "weights"])
def test_teaching_a_policy_raises_what_is_taught_and_lowers_the_rest(target, legal):
    logits = torch.zeros(NUM, NUM_ACTIONS, requires_grad=True)
    mask = np.zeros_like(legal)
    mask[:, 3] = True
    wanted = MoveSets.of(mask) if target == "sets" else weights()[NUM // 2 :]
    rows = slice(NUM - len(wanted), NUM)

    wanted.loss(MovePolicy.of(logits, listed(legal))[rows]).sum().backward()

    gradient = logits.grad[rows]
    assert (gradient[:, 3] < 0).all()
    assert (gradient[:, [5, 8]] > 0).all()
    assert (gradient[:, 4] == 0).all()


def lecture_of(targets: Targets, weight: float = 2.0) -> Lecture:
    return Lecture("coach", weight, targets, None, len(targets))


def test_lecture_is_the_weighted_mean_of_policy_and_value_losses(legal, policy):
    value, wanted = torch.linspace(-0.5, 0.5, NUM), np.linspace(0.9, -0.9, NUM).astype(np.float32)
    counts, value_counts = (np.array(x, np.float32) for x in ([1, 2, 0, 1, 0, 5], [0, 1, 1, 0, 3, 0]))
    chosen = MoveSets.of(sets(legal))
    targets = Targets(weight=counts, policy=chosen, value=wanted, value_weight=value_counts)

    loss, figures = lecture_of(targets).loss(policy, value, NUM)

    distances, errors = chosen.loss(policy).tolist(), [v - w for v, w in zip(value.tolist(), wanted, strict=True)]
    expected = sum(c * d for c, d in zip(counts, distances, strict=True))
    expected += sum(c * e * e / 2 for c, e in zip(value_counts, errors, strict=True))
    assert loss.item() == pytest.approx(2.0 * expected / NUM, rel=1e-5)
    assert figures["coach_loss"].item() == pytest.approx(expected / NUM, rel=1e-5)
    squares = sum(c * e * e for c, e in zip(value_counts, errors, strict=True))
    assert figures["coach_value_error"].item() == pytest.approx(squares / value_counts.sum(), rel=1e-5)
    assert figures.keys() == {"coach_loss", "coach_share", "coach_value_error"}


def test_value_counts_as_much_as_the_policy_if_not_told_otherwise(policy):
    value = torch.full((NUM,), 0.5)
    counts = np.arange(NUM, dtype=np.float32)

    loss, figures = lecture_of(Targets(weight=counts, value=np.zeros(NUM, np.float32))).loss(policy, value, NUM)

    assert loss.item() == pytest.approx(2.0 * sum(c * 0.125 for c in counts) / NUM)
    assert figures.keys() == {"coach_loss", "coach_value_error"}


def weighing(**changes: np.ndarray) -> MoveWeights:
    whole = weights()
    return MoveWeights(action=changes.get("action", whole.action), weight=changes.get("weight", whole.weight))


def with_value(array: np.ndarray, at: tuple[int, ...], value: float) -> np.ndarray:
    changed = array.copy()
    changed[at] = value
    return changed


ONES = np.ones(NUM, np.float32)
PROBLEMS = {
    "sound": (Targets(weight=ONES, policy=weights(), value=ONES), ""),
    "weight-nan": (Targets(weight=with_value(ONES, (2,), NAN)), "weights that are finite and at least 0"),
    "weight-negative": (Targets(weight=with_value(ONES, (2,), -1)), "weights that are finite and at least 0"),
    "value-weight-inf": (
        Targets(weight=ONES, value=ONES, value_weight=with_value(ONES, (0,), math.inf)),
        "weights that are finite and at least 0",
    ),
    "value-nan": (Targets(weight=ONES, value=with_value(ONES, (5,), NAN)), "values that are finite, got nan or inf"),
    "too-few-values": (Targets(weight=ONES, value=ONES[:-1]), "as many targets as weights (6), got others"),
    "too-few-policies": (Targets(weight=ONES, policy=weights()[:-1]), "as many targets as weights (6), got others"),
    "move-weight-nan": (
        Targets(weight=ONES, policy=weighing(weight=with_value(weights().weight, (1, 1), NAN))),
        "weights of moves that are finite and at least 0",
    ),
    "move-weight-negative": (
        Targets(weight=ONES, policy=weighing(weight=with_value(weights().weight, (1, 2), -0.1))),
        "weights of moves that are finite and at least 0",
    ),
    "no-action": (
        Targets(weight=ONES, policy=weighing(action=with_value(weights().action, (1, 1), 2187))),
        "actions 0 to 2186, got 0 to 2187",
    ),
    "negative-action": (
        Targets(weight=ONES, policy=weighing(action=with_value(weights().action, (1, 1), -1))),
        "actions 0 to 2186, got -1 to 8",
    ),
    "illegal": (
        Targets(weight=ONES, policy=weighing(action=with_value(weights().action, (1, 1), 4))),
        "weights of legal moves, got one of an illegal move",
    ),
    "sum": (
        Targets(weight=ONES, policy=weighing(weight=with_value(weights().weight, (1, 1), 0.25))),
        "weights that add up to 1, got 0.5",
    ),
    "illegal-where-nothing-counts": (
        Targets(
            weight=with_value(ONES, (1,), 0), policy=weighing(action=with_value(weights().action, (1, 1), 4))
        ),
        "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PROBLEMS)
def test_targets_that_can_not_be_learned_are_told(case, legal):
    targets, told = PROBLEMS[case]

    assert targets.problem(legal).startswith(told) if told else targets.problem(legal) == ""


@pytest.mark.parametrize(
    ("row", "moves", "counts", "told"),
    [
        (1, [3, 5], 1, ""),
        (1, [3, 4], 1, "sets of legal moves, got an illegal one"),
        (1, [], 1, "at least one move in each set, got none"),
        (1, [4], 0, ""),
        (1, [], 0, ""),
    ],
)
def test_sets_that_can_not_be_learned_are_told(legal, row, moves, counts, told):
    mask = sets(legal)
    mask[row] = False
    mask[row, moves] = True

    assert Targets(weight=with_value(ONES, (row,), counts), policy=MoveSets.of(mask)).problem(legal) == told


class Fixed:
    """A teacher that says what it is given."""

    columns = ()

    def __init__(self, taught: Taught, weight: float = 1.0) -> None:
        self.taught, self.fixed, self.asked = taught, weight, 0

    def weight(self, progress):
        return self.fixed

    def teach(self, segment, rows, random):
        self.asked += 1
        return self.taught


def prepared(teacher: Fixed) -> list[object]:
    """Asks a teacher about the six plies of a segment."""
    segment = Segment.empty(1, NUM, ())
    segment.positions[:] = Games(NUM, seed=1).positions
    teaching = Teaching([Lecturer("coach", "keisei-plugins-coach 1.2.3", teacher)])
    return teaching.prepare(segment, np.arange(NUM), 0.5, np.random.default_rng(1))


ILLEGAL = Targets(weight=np.ones(NUM, np.float32), policy=MoveSets.of(np.ones((NUM, NUM_ACTIONS))))


@pytest.mark.parametrize(
    ("taught", "told"),
    [
        (Taught(plies=ILLEGAL), "sets of legal moves, got an illegal one"),
        (Taught(plies=ILLEGAL[:-1]), "targets for 6 positions, got 5"),
        (
            Taught(beside=Lessons(positions=Games(NUM, seed=1).positions, targets=ILLEGAL)),
            "sets of legal moves, got an illegal one",
        ),
        (
            Taught(beside=Lessons(positions=Games(5, seed=1).positions, targets=ILLEGAL)),
            "targets for 5 positions, got 6",
        ),
        (Taught(plies=Targets(weight=ONES, value=ONES * NAN)), "values that are finite, got nan or inf"),
    ],
)
def test_teacher_whose_targets_are_wrong_is_named(taught, told):
    with pytest.raises(PluginError) as caught:
        prepared(Fixed(taught))

    assert str(caught.value) == f"teacher 'coach' of keisei-plugins-coach 1.2.3 must give {told}"


def test_teacher_whose_weight_is_nothing_is_not_asked():
    retired = Fixed(Taught(plies=ILLEGAL), weight=0.0)

    assert prepared(retired) == []
    assert retired.asked == 0


def test_sound_targets_are_taught():
    games = Games(NUM, seed=1)
    targets = Targets(weight=ONES, policy=MoveSets.of(legal_mask(games.positions)))

    (lesson,) = prepared(Fixed(Taught(plies=targets)))

    assert (lesson.name, lesson.weight, lesson.taught.plies) == ("coach", 1.0, targets)
