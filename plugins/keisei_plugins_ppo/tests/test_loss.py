"""The loss of a minibatch with positions in which moves are only taught."""

import numpy as np
import pytest
import torch
from torch import nn

from keisei_core.config.tables import LearningTable
from keisei_core.distribution import Single
from keisei_core.evaluate import MovePolicy
from keisei_core.experience import Segment
from keisei_core.learn import Batch, GradientSteps, MoveSets, Targets
from keisei_core.learn.teaching import Lecture
from keisei_core.precision import Fp32
from keisei_plugins_ppo.loss import ppo_loss

NUM_PLIES, NUM_MORE, NUM_ACTIONS = 12, 5, 2187
CLIP, POLICY, VALUE, ENTROPY, TACTICS = 0.2, 0.7, 0.5, 0.01, 2.0
CPU = torch.device("cpu")
NUMBERS = torch.Generator().manual_seed(1)
LEGAL = (torch.rand(NUM_PLIES + NUM_MORE, NUM_ACTIONS, generator=NUMBERS) < 0.03).to(torch.uint8)
LEGAL[:, 7] = 1
SOUND = (LEGAL != 0) & (torch.rand(LEGAL.shape, generator=NUMBERS) < 0.3) | (torch.arange(NUM_ACTIONS) == 7)
WEIGHT = 1 + torch.rand(NUM_PLIES + NUM_MORE, generator=NUMBERS)
# What fills up a row is A, so that a row that has it once too often is as good.
MOVES = torch.where(LEGAL != 0, torch.arange(NUM_ACTIONS), NUM_ACTIONS).sort(dim=1).values[:, :128]
ACTION = torch.stack([torch.multinomial(row.float(), 1, generator=NUMBERS)[0] for row in LEGAL[:NUM_PLIES]])
DRAWN = torch.ones(NUM_PLIES, dtype=torch.bool)
OLD_LOG_PROB = -3 + torch.randn(NUM_PLIES, generator=NUMBERS)
ADVANTAGE, TARGET = torch.randn(NUM_PLIES, generator=NUMBERS), torch.randn(NUM_PLIES, generator=NUMBERS)


class Given(nn.Module):
    """Stands in for a network: its outputs are parameters, as many rows of them as are asked for."""

    owner = "the network"

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(2)
        number = NUM_PLIES + NUM_MORE
        self.network = self
        self.logits = nn.Parameter(torch.randn(number, NUM_ACTIONS, generator=generator))
        self.value = nn.Parameter(torch.randn(number, generator=generator))

    def forward(self, planes, material):
        return self.logits[: len(planes)], self.value[: len(planes)], {}


def targets(rows: slice) -> Targets:
    return Targets(weight=WEIGHT[rows].numpy(), policy=MoveSets.of(SOUND[rows].numpy()))


def batch(*, tactics: float | None = TACTICS, num_more: int = NUM_MORE) -> Batch:
    """Plies and then positions that are only taught."""
    segment = Segment.empty(NUM_PLIES, 1, ())
    segment.action[:, 0] = ACTION
    number = NUM_PLIES + num_more
    lectures = ()
    if tactics is not None:
        beside = targets(slice(NUM_PLIES, number)) if num_more else None
        lectures = (Lecture("tactics", tactics, targets(slice(NUM_PLIES)), beside, NUM_PLIES),)
    return Batch(
        segment=segment,
        rows=np.arange(NUM_PLIES),
        planes=torch.zeros(number, 1, 9, 9, dtype=torch.uint8),
        material=torch.zeros(number),
        moves=MOVES[:number],
        lectures=lectures,
    )


def loss_of(
    network: Given, batch: Batch, old_log_prob: torch.Tensor = OLD_LOG_PROB, is_drawn: torch.Tensor = DRAWN
) -> tuple[torch.Tensor, dict[str, float]]:
    """Returns the whole loss and all figures."""
    outputs = GradientSteps(network, None, Fp32(CPU), Single(CPU), LearningTable()).evaluate(batch)
    loss, figures = ppo_loss(
        outputs,
        advantage=ADVANTAGE,
        target=TARGET,
        old_log_prob=old_log_prob,
        is_drawn=is_drawn,
        clip=CLIP,
        policy_coefficient=POLICY,
        value_coefficient=VALUE,
        entropy_coefficient=ENTROPY,
    )
    return loss + outputs.beside, {name: float(x) for name, x in {**figures, **outputs.beside_figures}.items()}


def test_figures_are_those_of_the_plies_alone():
    network = Given()
    figures = loss_of(network, batch())[1]
    alone = loss_of(network, batch(num_more=0))[1]

    assert figures.keys() == alone.keys() >= {"policy_loss", "value_loss", "entropy", "kl", "tactics_share"}
    assert {name: figure for name, figure in figures.items() if name != "tactics_loss"} == {
        name: figure for name, figure in alone.items() if name != "tactics_loss"
    }


def test_total_is_the_loss_of_the_plies_and_the_weighted_mean_of_all_that_is_taught():
    network = Given()
    plain = loss_of(network, batch(tactics=None, num_more=0))[0]
    taught = 0.0
    for row in range(NUM_PLIES + NUM_MORE):
        probabilities = torch.softmax(network.logits.detach()[row][LEGAL[row] != 0], 0)
        share = probabilities[SOUND[row][LEGAL[row] != 0]].sum()
        taught -= float(WEIGHT[row] * share.log()) / (NUM_PLIES + NUM_MORE)

    total, figures = loss_of(network, batch())

    assert total.item() == pytest.approx(plain.item() + TACTICS * taught, rel=1e-5)
    assert figures["tactics_loss"] == pytest.approx(taught, rel=1e-5)


def test_loss_of_the_plies_is_that_of_plain_python():
    network = Given()
    policy_loss = value_loss = spread = 0.0
    for row in range(NUM_PLIES):
        log_probs = torch.log_softmax(network.logits.detach()[row][LEGAL[row] != 0].double(), 0)
        place = int((LEGAL[row][: int(ACTION[row])] != 0).sum())
        ratio = float((log_probs[place] - OLD_LOG_PROB[row]).exp())
        clipped = min(max(ratio, 1 - CLIP), 1 + CLIP)
        policy_loss -= min(ratio * float(ADVANTAGE[row]), clipped * float(ADVANTAGE[row])) / NUM_PLIES
        value_loss += 0.5 * float(network.value.detach()[row] - TARGET[row]) ** 2 / NUM_PLIES
        spread -= float((log_probs.exp() * log_probs).sum()) / NUM_PLIES

    total, figures = loss_of(network, batch(tactics=None, num_more=0))

    assert total.item() == pytest.approx(POLICY * policy_loss + VALUE * value_loss - ENTROPY * spread, rel=1e-5)
    assert figures["policy_loss"] == pytest.approx(policy_loss, rel=1e-4)
    assert figures["value_loss"] == pytest.approx(value_loss, rel=1e-5)
    assert figures["entropy"] == pytest.approx(spread, rel=1e-5)


def test_plies_whose_action_was_not_drawn_teach_the_value_alone():
    network, is_drawn = Given(), torch.arange(NUM_PLIES) % 3 != 1
    # The probability of a move that nobody drew is nothing to divide by: whatever stands there changes nothing.
    strange = torch.where(is_drawn, OLD_LOG_PROB, -1e4)
    outputs = GradientSteps(network, None, Fp32(CPU), Single(CPU), LearningTable()).evaluate(
        batch(tactics=None, num_more=0)
    )
    loss, figures = ppo_loss(
        outputs, advantage=ADVANTAGE, target=TARGET, old_log_prob=strange, is_drawn=is_drawn,
        clip=CLIP, policy_coefficient=POLICY, value_coefficient=VALUE, entropy_coefficient=0.0,
    )  # fmt: skip
    loss.backward()

    assert torch.isfinite(loss)
    assert (network.logits.grad[:NUM_PLIES][~is_drawn] == 0).all()
    assert (network.value.grad[:NUM_PLIES] != 0).all()
    ratio = (outputs.policy.log_prob(ACTION) - OLD_LOG_PROB).exp().detach()[is_drawn]
    assert float(figures["kl"]) == pytest.approx(float((ratio - 1 - ratio.log()).mean()), rel=1e-5)
    assert float(figures["ratio_error"]) == pytest.approx(float((ratio - 1).abs().mean()), rel=1e-5)
    assert float(figures["clip_fraction"]) == pytest.approx(float(((ratio - 1).abs() > CLIP).float().mean()), rel=1e-5)


def test_minibatch_of_which_nothing_was_drawn_moves_no_policy():
    network = Given()
    loss, figures = loss_of(network, batch(tactics=None, num_more=0), OLD_LOG_PROB, ~DRAWN)
    loss.backward()

    assert figures["policy_loss"] == figures["kl"] == figures["ratio_error"] == 0
    assert (network.value.grad[:NUM_PLIES] != 0).all()


def test_further_positions_teach_moves_and_no_values():
    network = Given()
    loss_of(network, batch())[0].backward()

    assert (network.value.grad[NUM_PLIES:] == 0).all()
    assert (network.value.grad[:NUM_PLIES] != 0).all()
    more = network.logits.grad[NUM_PLIES:]
    assert (more[SOUND[NUM_PLIES:]] < 0).all()
    assert (more[(LEGAL != 0)[NUM_PLIES:] & ~SOUND[NUM_PLIES:]] > 0).all()


def test_further_positions_change_what_the_plies_learn_only_by_their_part_of_the_mean():
    network, alone = Given(), Given()
    loss_of(network, batch())[0].backward()
    taught_less = TACTICS * NUM_PLIES / (NUM_PLIES + NUM_MORE)
    loss_of(alone, batch(tactics=taught_less, num_more=0))[0].backward()

    torch.testing.assert_close(network.logits.grad[:NUM_PLIES], alone.logits.grad[:NUM_PLIES])
    assert torch.equal(network.value.grad, alone.value.grad)


def test_nothing_taught_at_no_weight():
    network = Given()
    loss_of(network, batch(tactics=0.0))[0].backward()

    assert (network.logits.grad[NUM_PLIES:] == 0).all()
    assert (MovePolicy.of(network.logits, MOVES).log_probs.exp().sum(dim=1) - 1).abs().max() < 1e-5
