"""Declares the callbacks to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)


@hookimpl
def keisei_callbacks() -> Iterable[Component]:
    """Offers `tactics`."""
    return (
        Component(
            name="tactics",
            target="keisei_plugins_callbacks.sight:Sight",
            options="keisei_plugins_callbacks.options:SightOptions",
            summary="how many mates in one the network plays, and how often it leaves a piece hanging",
        ),
    )
