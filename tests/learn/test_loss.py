"""The loss of a minibatch with positions in which moves are only taught."""

import attrs
import pytest
import torch

from keisei_core.evaluate import log_policy
from keisei_core.learn import Loss, Minibatch, ppo_loss

NUM_PLIES, NUM_MORE, NUM_ACTIONS = 12, 5, 2187
CLIP, VALUE, ENTROPY, TACTICS = 0.2, 0.5, 0.01, 2.0


@pytest.fixture
def batch() -> Minibatch:
    """Plies and then positions that are only taught; logits and values come from `outputs`."""
    generator = torch.Generator().manual_seed(1)
    number = NUM_PLIES + NUM_MORE
    legal = (torch.rand(number, NUM_ACTIONS, generator=generator) < 0.03).to(torch.uint8)
    legal[:, 7] = 1
    return Minibatch(
        planes=torch.zeros(number, 1, 9, 9, dtype=torch.uint8),
        legal=legal,
        action=torch.stack([torch.multinomial(row.float(), 1, generator=generator)[0] for row in legal[:NUM_PLIES]]),
        old_log_prob=-3 + torch.randn(NUM_PLIES, generator=generator),
        advantage=torch.randn(NUM_PLIES, generator=generator),
        target=torch.randn(NUM_PLIES, generator=generator),
        sound=(legal != 0) & (torch.rand(number, NUM_ACTIONS, generator=generator) < 0.3) | (torch.arange(2187) == 7),
        sound_weight=1 + torch.rand(number, generator=generator),
    )


def outputs() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(2)
    number = NUM_PLIES + NUM_MORE
    logits = torch.randn(number, NUM_ACTIONS, generator=generator).requires_grad_()
    return logits, torch.randn(number, generator=generator).requires_grad_()


def without_more(batch: Minibatch) -> Minibatch:
    return attrs.evolve(
        batch,
        planes=batch.planes[:NUM_PLIES],
        legal=batch.legal[:NUM_PLIES],
        sound=batch.sound[:NUM_PLIES],
        sound_weight=batch.sound_weight[:NUM_PLIES],
    )


def loss_of(logits: torch.Tensor, value: torch.Tensor, batch: Minibatch, tactics: float = TACTICS) -> Loss:
    return ppo_loss(
        logits, value, batch, clip=CLIP, value_coefficient=VALUE, entropy_coefficient=ENTROPY, tactics=tactics
    )


def test_figures_are_those_of_the_plies_alone(batch):
    logits, value = outputs()
    figures = loss_of(logits, value, batch).figures
    alone = loss_of(logits[:NUM_PLIES], value[:NUM_PLIES], without_more(batch)).figures

    assert figures.keys() == alone.keys() >= {"policy_loss", "value_loss", "entropy", "kl", "sound_share"}
    assert {name: float(figure) for name, figure in figures.items()} == {
        name: float(figure) for name, figure in alone.items()
    }


def test_total_is_the_loss_of_the_plies_and_the_weighted_mean_of_all_that_is_taught(batch):
    logits, value = (tensor.detach() for tensor in outputs())
    plain = loss_of(logits[:NUM_PLIES], value[:NUM_PLIES], attrs.evolve(without_more(batch), sound=None))
    taught = 0.0
    for row in range(NUM_PLIES + NUM_MORE):
        probabilities = torch.softmax(logits[row][batch.legal[row] != 0], 0)
        share = probabilities[batch.sound[row][batch.legal[row] != 0]].sum()
        taught -= float(batch.sound_weight[row] * share.log()) / (NUM_PLIES + NUM_MORE)

    assert float(loss_of(logits, value, batch).total) == pytest.approx(float(plain.total) + TACTICS * taught, rel=1e-5)


def test_further_positions_teach_moves_and_no_values(batch):
    logits, value = outputs()
    loss_of(logits, value, batch).total.backward()

    assert (value.grad[NUM_PLIES:] == 0).all()
    assert (value.grad[:NUM_PLIES] != 0).all()
    more = logits.grad[NUM_PLIES:]
    assert (more[batch.sound[NUM_PLIES:]] < 0).all()
    assert (more[(batch.legal != 0)[NUM_PLIES:] & ~batch.sound[NUM_PLIES:]] > 0).all()


def test_further_positions_change_what_the_plies_learn_only_by_their_part_of_the_mean(batch):
    logits, value = outputs()
    loss_of(logits, value, batch, tactics=TACTICS).total.backward()
    alone, alone_value = outputs()
    taught_less = TACTICS * NUM_PLIES / (NUM_PLIES + NUM_MORE)
    loss_of(alone[:NUM_PLIES], alone_value[:NUM_PLIES], without_more(batch), tactics=taught_less).total.backward()

    torch.testing.assert_close(logits.grad[:NUM_PLIES], alone.grad[:NUM_PLIES])
    assert torch.equal(value.grad, alone_value.grad)


def test_nothing_taught_at_no_weight(batch):
    logits, value = outputs()
    loss_of(logits, value, batch, tactics=0.0).total.backward()

    assert (logits.grad[NUM_PLIES:] == 0).all()
    assert (log_policy(logits, batch.legal).exp().sum(dim=1) - 1).abs().max() < 1e-5
