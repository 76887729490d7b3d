"""Tells Keisei what this package provides; imports nothing heavy, so that listing plugins stays quick."""

from collections.abc import Iterable

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_deciders() -> Iterable[Component]:
    """Offers `myname`."""
    return (
        Component(
            name="myname",
            target="keisei_plugins_myname.decider:MynameDecider",
            options="keisei_plugins_myname.options:MynameOptions",
            summary="draws from the policy, at a temperature that falls as the game goes on",
        ),
    )
