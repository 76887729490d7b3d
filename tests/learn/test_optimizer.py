"""Adam's schedule, and its one kernel where torch has one."""

import pytest
import torch
from torch import nn

from keisei_core.config.adam_options import AdamOptions
from keisei_core.learn import Adam


def adam(device: str = "cpu", **options: object) -> Adam:
    return Adam(tuple(nn.Linear(3, 2, device=device).named_parameters()), AdamOptions(**options))


def test_rate_rises_through_the_warm_up_and_then_is_what_it_would_be_without() -> None:
    network = nn.Linear(2, 1)
    options = {"learning_rate": 0.4, "final_learning_rate": 0.2}
    cold = Adam(tuple(network.named_parameters()), AdamOptions(warm_up=0.1, **options))
    plain = Adam(tuple(network.named_parameters()), AdamOptions(**options))

    assert cold.rate(0) == pytest.approx(0.004)
    assert cold.rate(0.05) == pytest.approx(0.505 * plain.rate(0.05))
    assert [cold.rate(progress) for progress in (0.1, 0.5, 1.0)] == [plain.rate(x) for x in (0.1, 0.5, 1.0)]


def test_rate_goes_linearly_from_start_to_end_and_stays_there():
    made = adam(learning_rate=4e-3, final_learning_rate=2e-3)

    assert [made.rate(progress) for progress in (0, 0.5, 1, 1.2)] == pytest.approx([4e-3, 3e-3, 2e-3, 2e-3])


@pytest.mark.parametrize(
    ("device", "fused", "is_fused"), [("cpu", True, True), ("cpu", False, None), ("meta", True, None)]
)
def test_one_kernel_is_taken_where_it_is_wanted_and_torch_has_it(device, fused, is_fused):
    (group,) = adam(device, fused=fused).optimizer.param_groups

    assert group["fused"] is is_fused


def test_fused_steps_are_those_of_the_unfused_up_to_rounding():
    networks = [nn.Linear(3, 2), nn.Linear(3, 2)]
    networks[1].load_state_dict(networks[0].state_dict())
    for network, fused in zip(networks, (True, False), strict=True):
        optimizer = Adam(tuple(network.named_parameters()), AdamOptions(fused=fused)).optimizer
        for _ in range(20):
            optimizer.zero_grad()
            network(torch.arange(6.0).view(2, 3)).square().sum().backward()
            optimizer.step()

    torch.testing.assert_close(networks[0].weight, networks[1].weight, rtol=1e-5, atol=1e-6)
