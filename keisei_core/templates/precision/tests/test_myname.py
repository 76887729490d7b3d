"""What is this policy's own."""

import pytest
import torch

from keisei_plugins_myname.options import MynameOptions
from keisei_plugins_myname.policy import MynamePolicy


@pytest.mark.parametrize("dtype", ["bfloat16", "float32"])
def test_products_are_computed_as_the_option_says(dtype: str) -> None:
    policy = MynamePolicy(torch.device("cpu"), MynameOptions(dtype=dtype))

    with policy.autocast():
        product = torch.ones(2, 2) @ torch.ones(2, 2)

    assert product.dtype == getattr(torch, dtype)


def test_skipped_steps_are_counted() -> None:
    policy = MynamePolicy(torch.device("cpu"), MynameOptions())
    weight = torch.nn.Parameter(torch.ones(1))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    for factor in (1.0, float("inf"), float("nan")):
        policy.step((weight * factor).sum(), optimizer, 1.0)

    assert policy.state_dict() == {"num_skipped": 2}


def test_weights_lie_as_the_option_says() -> None:
    policy = MynamePolicy(torch.device("cpu"), MynameOptions(channels_last=True))

    network = policy.prepare(torch.nn.Conv2d(4, 8, 3))

    assert network.weight.is_contiguous(memory_format=torch.channels_last)
