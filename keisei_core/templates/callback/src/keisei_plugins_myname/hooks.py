"""Tells Keisei what this package provides; imports nothing heavy, so that listing plugins stays quick."""

from collections.abc import Iterable

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_callbacks() -> Iterable[Component]:
    """Offers `myname`."""
    return (
        Component(
            name="myname",
            target="keisei_plugins_myname.callback:MynameCallback",
            options="keisei_plugins_myname.options:MynameOptions",
            summary="how varied the play is, and how sure the network",
        ),
    )
