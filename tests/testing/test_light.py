"""The light checks of everything that is installed pass, without a declaration of anybody."""

from typing import Any

import pytest

from keisei_core.errors import ConfigError
from keisei_core.plugins import Kind, load_registry
from keisei_core.testing import COMPONENT_CHECKS, ContractError, Finding, Outcome, light_checks
from keisei_core.testing.light import LIGHT_CHECKS

CHOICES = [choice for kind in Kind for choice in load_registry().choices(kind)]


@pytest.mark.parametrize("choice", CHOICES, ids=lambda choice: f"{choice.kind}-{choice.name}")
def test_installed_component_passes_its_light_checks(choice: Any) -> None:
    try:
        findings = [call() for _, call in light_checks(choice)]
    except ConfigError as refusal:
        pytest.skip(f"does not want this machine, or needs options: {refusal}")

    assert len(findings) == len(COMPONENT_CHECKS) + len(LIGHT_CHECKS[choice.kind])
    assert all(isinstance(finding, Finding) for finding in findings)


def test_every_kind_has_light_checks() -> None:
    assert set(LIGHT_CHECKS) == set(Kind)


BATCH_NORM = """
from torch import nn


class Thing(nn.Module):
    {said}

    def __init__(self, channels, options):
        super().__init__()
        self.norm = nn.BatchNorm2d(len(channels))
        self.policy, self.value = nn.Conv2d(len(channels), 27, 1), nn.Linear(len(channels) * 81, 1)

    def forward(self, planes):
        seen = self.norm(planes)
        return self.policy(seen).flatten(1), self.value(seen.flatten(1)).squeeze(1)
"""


def test_network_that_acts_otherwise_than_it_learns_is_told_unless_it_says_so_itself(workshop: Any) -> None:
    for name, said in (("silent", ""), ("open", "trains_as_it_acts = False")):
        workshop.model(name, thing=BATCH_NORM.replace("{said}", said))
    silent, told = (dict(light_checks(workshop.registry().resolve(Kind.MODEL, name))) for name in ("silent", "open"))

    with pytest.raises(ContractError, match="must be the same in train mode and in eval mode"):
        silent["train_mode_makes_no_difference"]()
    assert told["train_mode_makes_no_difference"]().outcome is Outcome.NOT_ASKED  # type: ignore[attr-defined]


def test_broken_component_is_told_by_the_check_it_breaks(workshop: Any) -> None:
    workshop.model("toy", thing="import torch\n\ndef Thing(channels, options):\n    return torch.nn.Identity()\n")
    calls = dict(light_checks(workshop.registry().resolve(Kind.MODEL, "toy")))

    with pytest.raises(
        ContractError, match=r"forward must return \(logits, value\) or .*, got float32 \[1, 46, 9, 9\]"
    ):
        calls["shapes"]()
