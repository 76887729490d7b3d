"""Declares the algorithm to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)


@hookimpl
def keisei_algorithms() -> Iterable[Component]:
    """Offers `ppo`."""
    return (
        Component(
            name="ppo",
            target="keisei_plugins_ppo.ppo:PPO",
            options="keisei_plugins_ppo.options:PPOOptions",
            summary="proximal policy optimisation over alternating players",
        ),
    )
