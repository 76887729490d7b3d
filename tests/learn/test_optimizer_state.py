"""The optimiser's state by name: back as it was, and nothing that does not fit."""

import pytest
import torch
from torch import nn

from keisei_core.learn import load_optimizer_tensors, optimizer_tensors


def learned(num_steps: int = 2) -> tuple[nn.Linear, torch.optim.Adam]:
    torch.manual_seed(0)
    network = nn.Linear(3, 2)
    optimizer = torch.optim.Adam(network.parameters())
    for _ in range(num_steps):
        network(torch.ones(1, 3)).sum().backward()
        optimizer.step()
    return network, optimizer


def test_state_goes_on_where_it_was():
    network, optimizer = learned()
    tensors = {name: tensor.clone() for name, tensor in optimizer_tensors(network, optimizer).items()}
    other, fresh = learned(num_steps=0)

    load_optimizer_tensors(other, fresh, tensors)

    back = optimizer_tensors(other, fresh)
    assert back.keys() == tensors.keys() == {f"{p}:{e}" for p in ("weight", "bias") for e in ADAM}
    assert all(torch.equal(back[name], tensor) for name, tensor in tensors.items())


ADAM = ("step", "exp_avg", "exp_avg_sq")


@pytest.mark.parametrize(
    ("key", "tensor", "told"),
    [
        ("weight:exp_avg", torch.ones(2, 4), r"weight:exp_avg \[2, 4\] fits no parameter"),
        ("gone:exp_avg", torch.ones(2, 3), "gone:exp_avg .* fits no parameter"),
        ("weight", torch.ones(2, 3), "weight .* fits no parameter"),
        ("weight:more", torch.ones(2, 3), "that others lack"),
    ],
)
def test_state_that_does_not_fit_is_refused(key, tensor, told):
    network, optimizer = learned()
    tensors = optimizer_tensors(network, optimizer) | {key: tensor}

    with pytest.raises(ValueError, match=told):
        load_optimizer_tensors(network, optimizer, tensors)
