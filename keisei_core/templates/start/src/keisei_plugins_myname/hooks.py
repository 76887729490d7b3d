"""Tells Keisei what this package provides; imports nothing heavy, so that listing plugins stays quick."""

from collections.abc import Iterable

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_starts() -> Iterable[Component]:
    """Offers `myname`."""
    return (
        Component(
            name="myname",
            target="keisei_plugins_myname.starts:MynameStarts",
            options="keisei_plugins_myname.options:MynameOptions",
            summary="White plays without a few pieces, drawn anew for every start",
        ),
    )
