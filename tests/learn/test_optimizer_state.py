"""The optimiser's state by name: back as it was, and nothing that does not fit."""

import pytest
import torch
from torch import nn

from keisei_core.errors import PluginError
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


class Rows(torch.optim.Optimizer):
    """Keeps entries of any shape and kind."""

    def __init__(self, parameters):
        super().__init__(parameters, {"lr": 0.1})

    @torch.no_grad()
    def step(self, closure=None):
        for parameter in self.param_groups[0]["params"]:
            state = self.state[parameter]
            state["count"] = state.get("count", 0) + 1
            state["decay"], state["warm"] = 0.9 ** state["count"], state["count"] < 3
            state["rows"] = parameter.grad.reshape(len(parameter), -1).square().sum(dim=1)
            state["signs"] = parameter.grad.sign().to(torch.int8)


def test_tensors_of_any_shape_and_plain_numbers_come_back_as_what_they_were():
    network = nn.Linear(3, 2)
    optimizer = Rows(network.parameters())
    network(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    tensors = {name: tensor.clone() for name, tensor in optimizer_tensors(network, optimizer).items()}
    fresh = Rows(network.parameters())

    load_optimizer_tensors(network, fresh, tensors)

    assert tensors["weight:=count"].dtype == torch.int64
    for parameter in network.parameters():
        before, after = optimizer.state[parameter], fresh.state[parameter]
        assert after.keys() == before.keys()
        for entry, value in before.items():
            assert type(after[entry]) is type(value)
            if isinstance(value, torch.Tensor):
                assert after[entry].dtype == value.dtype
                assert torch.equal(after[entry], value)
            else:
                assert after[entry] == value


def test_moments_take_the_memory_layout_of_their_parameter():
    network = nn.Conv2d(3, 2, 3).to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(network.parameters())

    load_optimizer_tensors(network, optimizer, {"weight:exp_avg": torch.ones(2, 3, 3, 3)})

    moment = optimizer.state[network.weight]["exp_avg"]
    assert moment.is_contiguous(memory_format=torch.channels_last)
    assert not moment.requires_grad


def test_parameters_of_one_optimizer_may_keep_different_entries():
    network, optimizer = learned()

    load_optimizer_tensors(network, optimizer, {"weight:momentum": torch.ones(2, 3), "bias:exp_avg": torch.ones(2)})

    assert optimizer.state[network.weight].keys() == {"momentum"}
    assert optimizer.state[network.bias].keys() == {"exp_avg"}


def test_entry_that_is_neither_a_tensor_nor_a_number_is_told():
    network, optimizer = learned()
    optimizer.state[network.weight]["history"] = [1, 2]

    with pytest.raises(PluginError, match="state 'history' of weight must be a tensor or a number, got list"):
        optimizer_tensors(network, optimizer)


@pytest.mark.parametrize(
    ("key", "tensor", "told"),
    [
        ("gone:exp_avg", torch.ones(2, 3), "gone:exp_avg .* fits no parameter"),
        ("weight", torch.ones(2, 3), "weight .* fits no parameter"),
        ("weight:=count", torch.ones(2), r"weight:=count \[2\] fits no parameter"),
    ],
)
def test_state_that_does_not_fit_is_refused(key, tensor, told):
    network, optimizer = learned()
    tensors = optimizer_tensors(network, optimizer) | {key: tensor}

    with pytest.raises(ValueError, match=told):
        load_optimizer_tensors(network, optimizer, tensors)
