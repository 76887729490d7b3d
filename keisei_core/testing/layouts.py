"""What is asked of a network that says how its tensors follow its channels, so that it can be migrated."""

from typing import Final

import torch
from torch import nn

from keisei_core.migration import INPUT, Blueprint, LaidOut, Origin, transplant
from keisei_core.observe import Channel
from keisei_core.testing.contract_error import ContractError, ask_only_if, require
from keisei_core.testing.model_under_test import ModelUnderTest

NEW_CHANNEL: Final = Channel("kit_new_plane")
NUM_POSITIONS: Final = 9


def check_layout_is_true(under_test: ModelUnderTest) -> None:
    """A network with a `layout` says the same once its planes are in another order, with a new one among them."""
    network = under_test.build().eval()
    ask_only_if(isinstance(network, LaidOut), "no layout")
    channels = under_test.features.channels
    torch.manual_seed(0)
    other = under_test.make((NEW_CHANNEL, *reversed(channels))).eval()
    origin = Origin((None, *reversed(range(len(channels)))))
    _randomise(network)
    try:
        blueprints = _blueprint(network), _blueprint(other)
        moved = transplant(
            network.state_dict(), {}, old=blueprints[0], new=blueprints[1], origins={INPUT: origin}
        ).weights
        other.load_state_dict(moved)
    except Exception as error:
        raise ContractError(f"layout must say where channels {INPUT!r} run along the tensors, got {error!r}") from error
    planes = under_test.observe(NUM_POSITIONS)
    turned = torch.cat((torch.rand(NUM_POSITIONS, 1, 9, 9), planes.flip(1)), dim=1)
    with torch.no_grad():
        for name, one, two in zip(("logits", "value"), network(planes)[:2], other(turned)[:2], strict=True):
            alike = torch.allclose(one, two, rtol=1e-3, atol=1e-3)
            require(alike, f"{name} must stay the same where planes move as `layout` says, they do not")


def _blueprint(network: nn.Module) -> Blueprint:
    assert isinstance(network, LaidOut)
    return Blueprint(weights=network.state_dict(), layout=network.layout())


def _randomise(network: nn.Module) -> None:
    """Makes every number count: a head that starts at 0 hides what comes before it."""
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
