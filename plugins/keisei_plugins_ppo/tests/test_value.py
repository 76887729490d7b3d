"""V on top of the material: the same advantages as a shaping reward gave, and a value that means the result.

What stood before was potential-based shaping (Ng, Harada and Russell 1999) in negamax form: with Phi seen by the side
to move, the player who moved got F = -gamma * Phi(next) - Phi(now) beside the reward of the rules, and the network
learned V' = V - Phi.
"""

import attrs
import numpy as np
import pytest
import torch

from keisei_core.config.tables import ValueTable
from keisei_core.decide import PolicyDecider
from keisei_core.distribution import Single
from keisei_core.evaluate import ActorCritic, Evaluator
from keisei_core.experience import Lockstep, Segment
from keisei_core.learn import AlgorithmContext
from keisei_core.observe import FeatureSet, PlaneContext
from keisei_core.precision import Fp32
from keisei_core.shogi import Ending, Games, Starts, find_mates, material
from keisei_plugins_features.core46 import Core46
from keisei_plugins_ppo.options import PPOOptions
from keisei_plugins_ppo.ppo import PPO

CPU = torch.device("cpu")
NUM_PLIES, NUM_GAMES = 60, 12
NEAR_MATE = "4k4/9/4P4/9/9/9/9/9/4K4 b 2G2S2N2L2RB5Pb 1"
GAMMA, GAE_LAMBDA = 0.97, 0.9


class Head(torch.nn.Module):
    """A network whose value differs from position to position, and whose policy plays anything."""

    def __init__(self, num_channels: int) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.randn(num_channels * 81, generator=torch.Generator().manual_seed(1)))

    def forward(self, planes):
        flat = planes.flatten(1)
        return torch.zeros(len(planes), 2187), torch.tanh(flat @ self.weight / 20)


class Mating(PolicyDecider):
    """Mates where it can in every other game, so that some are won and some are cut off."""

    def decide(self, games, evaluator, stream):
        decision = super().decide(games, evaluator, stream)
        mates = find_mates(games.positions, games.legal)
        for row in np.flatnonzero(mates.any(axis=1)):
            if row % 2:
                decision.action[row] = np.flatnonzero(mates[row])[0]
        return decision


def make(value: ValueTable) -> tuple[PPO, Lockstep, Evaluator]:
    features = FeatureSet([Core46(PlaneContext(max_plies=40))])
    network = ActorCritic(Head(len(features.channels)), features.channels, value)
    evaluator = Evaluator(network, features, Fp32(CPU), CPU)
    games = Games(NUM_GAMES, max_plies=40, starts=Starts.from_sfens([NEAR_MATE]), seed=4)
    source = Lockstep(
        *(games, Mating(None), evaluator, torch.Generator().manual_seed(1)),
        num_plies=NUM_PLIES,
        columns=PPO.columns,
    )
    context = AlgorithmContext(evaluator=evaluator, batches=None, steps=None, backend=Single(CPU), device=CPU)
    return PPO(context, PPOOptions(gamma=GAMMA, gae_lambda=GAE_LAMBDA)), source, evaluator


def advantages_of_the_old_formula(segment: Segment, evaluator: Evaluator, table: ValueTable) -> np.ndarray:
    """Goes through one game after the other, ply by ply, in float64."""

    def phi(positions) -> np.ndarray:
        return table.material * np.tanh(material(positions).astype(np.float64) / table.scale)

    def head(positions) -> np.ndarray:
        """What the network learned then: V less the potential."""
        return evaluator.value(positions).astype(np.float64) - phi(positions)

    shape = (NUM_PLIES, NUM_GAMES)
    shaping = np.concatenate([phi(segment.positions).reshape(shape), phi(segment.after)[None]])
    values = np.concatenate([head(segment.positions).reshape(shape), head(segment.after)[None]])
    cut_shaping, cut_values = np.zeros(shape), np.zeros(shape)
    cut_shaping.reshape(-1)[segment.cut_rows] = phi(segment.cut)
    cut_values.reshape(-1)[segment.cut_rows] = head(segment.cut)
    advantages = np.zeros(shape)
    for game in range(NUM_GAMES):
        carry = 0.0
        for ply in reversed(range(NUM_PLIES)):
            ending, at = Ending(int(segment.ending[ply, game])), (ply, game)
            if ending == Ending.NONE:
                next_phi, next_value, decay = shaping[ply + 1, game], values[ply + 1, game], GAMMA * GAE_LAMBDA
            elif ending == Ending.MAX_PLIES:
                next_phi, next_value, decay = cut_shaping[at], cut_values[at], 0.0
            else:
                next_phi, next_value, decay = 0.0, 0.0, 0.0
            of_the_rules = 2 * ending.points - 1 if ending.is_decisive else 0.0
            reward = of_the_rules - GAMMA * next_phi - shaping[at]
            carry = reward - GAMMA * next_value - values[at] - decay * carry
            advantages[at] = carry
    return advantages


@pytest.mark.parametrize(
    "table",
    [ValueTable(), ValueTable(material=1.0, scale=7.0), ValueTable(material=0.0)],
    ids=["default", "heavy", "no-material"],
)
def test_advantages_equal_those_of_the_old_formula(table):
    ppo, source, evaluator = make(table)
    segment, report = source.next()

    advantage, target = ppo.advantage_and_target(segment)

    assert report.endings[Ending.MATE] >= 3
    assert report.endings[Ending.MAX_PLIES] >= 3
    assert np.ptp(material(segment.positions)) > 10
    expected = advantages_of_the_old_formula(segment, evaluator, table)
    np.testing.assert_allclose(advantage, expected, rtol=0, atol=1e-6)
    np.testing.assert_allclose(target, expected + segment.columns["value"], rtol=0, atol=1e-6)


def test_kept_values_are_those_of_the_positions():
    _, source, evaluator = make(ValueTable())
    segment, _ = source.next()

    np.testing.assert_allclose(segment.columns["value"].reshape(-1), evaluator.value(segment.positions), atol=1e-6)


class Nothing(torch.nn.Module):
    def forward(self, planes):
        return torch.zeros(len(planes), 2187), torch.zeros(len(planes))


def value_of(pawns: list[float], table: ValueTable) -> list[float]:
    """V at material balances where the head says 0."""
    channels = FeatureSet([Core46(PlaneContext(max_plies=40))]).channels
    network = ActorCritic(Nothing(), channels, table)
    planes = torch.zeros(len(pawns), len(channels), 9, 9, dtype=torch.uint8)
    return network(planes, torch.tensor(pawns))[1].tolist()


def test_value_starts_from_the_material_and_turns_with_the_side_to_move():
    table = ValueTable(material=0.5, scale=20.0)

    values = value_of([0.0, 20.0, -20.0, 1000.0], table)

    assert values == pytest.approx([0, 0.5 * np.tanh(1), -0.5 * np.tanh(1), 0.5])
    assert values[1] == -values[2] > 0


def test_value_without_material_is_the_heads():
    assert value_of([0.0, 20.0, -20.0], attrs.evolve(ValueTable(), material=0.0)) == [0, 0, 0]


def only(*, before: float, after: float, ending: Ending = Ending.NONE, cut: float = 0.0) -> float:
    """The advantage of one ply between two material balances, each seen by its own side to move; gamma 0.9."""
    table = ValueTable(material=0.5, scale=20.0)
    ppo, source, _ = make(table)
    segment = Segment.empty(1, 1, PPO.columns)
    segment.ending[:] = ending
    segment.columns["value"][:] = value_of([before], table)
    beyond = {Ending.NONE: after, Ending.MAX_PLIES: cut}

    class Evaluated:
        def value(self, positions):
            return np.array(value_of([beyond.get(ending, 999.0)] * len(positions), table), np.float32)

    if ending == Ending.MAX_PLIES:
        segment = attrs.evolve(segment, cut=source.games.positions[:1], cut_rows=np.array([0]))
    context = attrs.evolve(ppo.context, evaluator=Evaluated())
    return float(PPO(context, PPOOptions(gamma=0.9)).advantage_and_target(segment)[0][0, 0])


def phi(pawns: float) -> float:
    return float(0.5 * np.tanh(pawns / 20.0))


def test_capture_is_an_advantage_of_the_player_who_captures():
    # Even before; after the capture of a rook the opponent, now to move, is 20 pawns behind.
    assert only(before=0, after=-20) == pytest.approx(0.9 * phi(20))


def test_lead_that_lasts_is_no_advantage_but_for_the_discount():
    assert only(before=20, after=-20) == pytest.approx((0.9 - 1) * phi(20))


def test_end_by_the_rules_counts_against_what_the_material_promised():
    assert only(before=20, after=0, ending=Ending.MATE) == pytest.approx(1 - phi(20))


def test_game_cut_off_keeps_the_material_of_its_last_position():
    assert only(before=0, after=0, ending=Ending.MAX_PLIES, cut=-20) == pytest.approx(0.9 * phi(20))


def test_sum_over_a_game_depends_only_on_the_result_and_on_where_it_started():
    # Seen by the first player, with the opponent's plies negated, V telescopes: lambda = 1, the head says 0 everywhere.
    table, random = ValueTable(material=0.5, scale=20.0), np.random.default_rng(0)
    ppo, _, _ = make(table)
    pawns = random.integers(-30, 30, 7).astype(np.float32)
    segment = Segment.empty(7, 1, PPO.columns)
    segment.ending[6, 0] = Ending.MATE
    segment.columns["value"][:, 0] = value_of(pawns.tolist(), table)

    advantage, _ = PPO(ppo.context, PPOOptions(gamma=GAMMA, gae_lambda=1.0)).advantage_and_target(segment)

    assert advantage[0, 0] == pytest.approx(GAMMA**6 - phi(float(pawns[0])), abs=1e-5)
