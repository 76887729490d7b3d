"""Games against earlier snapshots: who plays whom, which plies are learned from, what a new game changes."""

import numpy as np
import pytest
import torch

from keisei_core.config.tables import ValueTable
from keisei_core.decide import PolicyDecider
from keisei_core.distribution import Single
from keisei_core.evaluate import ActorCritic, Evaluator
from keisei_core.evaluate.compilation import for_any_batch
from keisei_core.experience import Lockstep, OpponentPool
from keisei_core.observe import FeatureSet, PlaneContext
from keisei_core.precision import Fp32
from keisei_core.shogi import NUM_ACTIONS, Games
from keisei_plugins_features.core46 import Core46

CPU = torch.device("cpu")
ALONE = Single(CPU)


class Favourite(torch.nn.Module):
    """Prefers actions by their number, the highest or the lowest first."""

    def __init__(self, sign: float) -> None:
        super().__init__()
        self.sign = torch.nn.Parameter(torch.tensor(sign))

    def forward(self, planes):
        logits = 100 * self.sign * torch.arange(NUM_ACTIONS, dtype=torch.float32).expand(len(planes), -1)
        return logits, torch.zeros(len(planes))


def make(
    num_games: int, *, num_plies: int = 4, max_plies: int = 40, size: int = 2
) -> tuple[Lockstep, OpponentPool, Favourite]:
    """Makes self-play of `num_games`, all but two of which may be against the pool."""
    features = FeatureSet([Core46(PlaneContext(max_plies=max_plies))])
    network = Favourite(1.0)
    evaluator = Evaluator(ActorCritic(network, features.channels, ValueTable()), features, Fp32(CPU), CPU)
    pool = OpponentPool(evaluator, num_games=num_games - 2, size=size, seed=1)
    games = Games(num_games, max_plies=max_plies, seed=2)
    decider = PolicyDecider(None)
    source = Lockstep(
        games, decider, evaluator, torch.Generator(), num_plies=num_plies, columns=decider.columns, pool=pool
    )
    return source, pool, network


def extreme(legal: np.ndarray, *, highest: bool) -> int:
    return int(np.flatnonzero(legal)[-1 if highest else 0])


def test_without_a_snapshot_the_learner_plays_both_sides():
    source, _, _ = make(6, num_plies=50)

    segment, report = source.next()

    assert segment.learned.all()
    assert report.pool_scores == []


def test_opponents_moves_come_from_the_snapshot_and_are_not_learned_from():
    source, pool, network = make(6, num_plies=4)
    pool.add(1, ALONE)
    pool.begin(np.ones(6, np.bool_))
    with torch.no_grad():
        network.sign.fill_(-1.0)  # from here on the learner wants the lowest number, the snapshot the highest
    sides = pool.side.copy()

    segment, _ = source.next()

    games = Games(6, max_plies=40, seed=2)
    for ply in range(4):
        for game in range(6):
            is_opponents = game < 4 and sides[game] != ply % 2
            assert segment.learned[ply, game] != is_opponents
            assert segment.action[ply, game] == extreme(games.legal[game], highest=is_opponents)
        games.step(segment.action[ply].astype(np.int32))


def test_opponent_and_side_stay_for_the_whole_game_and_change_with_the_next():
    source, pool, _ = make(10, num_plies=1, max_plies=8)
    for update in (1, 2):
        pool.add(update, ALONE)
    pool.begin(np.ones(10, np.bool_))
    opponents, sides = pool.opponent.copy(), pool.side.copy()
    seen = set()

    for _ in range(20):
        for _ in range(7):
            source.next()
            np.testing.assert_array_equal(pool.opponent, opponents)
            np.testing.assert_array_equal(pool.side, sides)
        source.next()  # the eighth ply ends all games
        np.testing.assert_array_equal(pool.side, 1 - sides)
        seen |= set(zip(range(8), pool.opponent.tolist(), strict=True))
        opponents, sides = pool.opponent.copy(), pool.side.copy()

    assert seen == {(game, slot) for game in range(8) for slot in range(2)}


@pytest.mark.parametrize(("reward", "mover", "expected"), [(1, 0, 1.0), (1, 1, 0.0), (-1, 0, 0.0), (0, 1, 0.5)])
def test_score_is_the_learners_whoever_moved_last(reward, mover, expected):
    _, pool, _ = make(3)
    pool.add(1, ALONE)
    pool.begin(np.array([False, False, False]))
    pool.opponent[:] = 0
    pool.side[:] = 0

    rewards, movers = np.full(3, reward, np.float32), np.full(3, mover, np.uint8)
    assert pool.score(rewards, np.array([True, False, True]), movers) == [expected]


def test_full_pool_replaces_the_oldest_snapshot_that_nobody_plays_against():
    _, pool, _ = make(4)
    pool.add(1, ALONE)
    pool.add(2, ALONE)
    pool.opponent[:] = [0, 0]

    assert pool.add(3, ALONE)
    assert pool.updates == [1, 3]
    pool.opponent[:] = [0, 1]
    assert not pool.add(4, ALONE)
    assert pool.updates == [1, 3]


def test_snapshot_stays_what_it_was_while_the_learner_changes():
    _, pool, network = make(4)
    pool.add(1, ALONE)
    with torch.no_grad():
        network.sign.fill_(7.0)
    assert pool.weights()["0:sign"] == 1.0


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # of torch itself, where its compiler is loaded
def test_snapshot_of_a_compiled_network_stays_what_it_was_too():
    _, pool, network = make(4)
    learner = pool.learner.network
    learner.forward = for_any_batch(learner.forward)  # as compiling leaves it; so few positions go uncompiled
    pool.add(1, ALONE)
    given = torch.zeros(2, len(learner.channels), 9, 9, dtype=torch.uint8), torch.zeros(2)
    before = pool.slots[0].network(*given)[0]
    with torch.no_grad():
        network.sign.fill_(-1.0)

    assert torch.equal(pool.slots[0].network(*given)[0], before)
    assert not torch.equal(learner(*given)[0], before)


def test_restored_pool_plays_on_the_same():
    first, pool, network = make(8, num_plies=50)
    pool.add(5, ALONE)
    first.next()
    second, copy, _ = make(8, num_plies=50)
    copy.load(pool.updates, pool.weights())
    second.load_state(*first.state())
    with torch.no_grad():
        network.sign.fill_(-1.0)
        second.evaluator.network.network.sign.fill_(-1.0)

    segments = [[source.next()[0] for _ in range(2)] for source in (first, second)]

    for one, other in zip(*segments, strict=True):
        np.testing.assert_array_equal(one.action, other.action)
        np.testing.assert_array_equal(one.learned, other.learned)
        assert not one.learned.all()
