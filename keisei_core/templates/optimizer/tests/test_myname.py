"""What is this optimiser's own."""

import pytest
import torch
from torch import nn

from keisei_plugins_myname.optimizer import Myname
from keisei_plugins_myname.options import MynameOptions


def test_rate_rises_and_falls() -> None:
    made = Myname((("weight", nn.Parameter(torch.ones(2, 2))),), MynameOptions(learning_rate=0.1, warmup=0.2))

    assert [made.rate(progress) for progress in (0, 0.2, 1)] == pytest.approx([0.01, 0.1, 0.01])


def test_every_number_moves_by_the_rate_of_its_group() -> None:
    matrix, bias = nn.Parameter(torch.zeros(2, 2)), nn.Parameter(torch.zeros(2))
    optimizer = Myname((("matrix", matrix), ("bias", bias)), MynameOptions()).optimizer
    for group in optimizer.param_groups:
        group["lr"] = 0.1 * group["lr_scale"]

    (3 * matrix.sum() + 1e-6 * bias.sum()).backward()
    optimizer.step()

    assert matrix.detach().unique().tolist() == pytest.approx([-0.1])
    assert bias.detach().unique().tolist() == pytest.approx([-0.05])
