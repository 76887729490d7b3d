"""The light checks of everything that is installed pass, without a declaration of anybody."""

from typing import Any

import pytest

from keisei_core.errors import ConfigError
from keisei_core.plugins import Kind, load_registry
from keisei_core.testing import COMPONENT_CHECKS, ContractError, Finding, light_checks
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


def test_broken_component_is_told_by_the_check_it_breaks(workshop: Any) -> None:
    workshop.model("toy", thing="import torch\n\ndef Thing(channels, options):\n    return torch.nn.Identity()\n")
    calls = dict(light_checks(workshop.registry().resolve(Kind.MODEL, "toy")))

    with pytest.raises(ContractError, match=r"forward must return the tuple \(logits, value\), got Tensor"):
        calls["shapes"]()
