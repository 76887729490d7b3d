"""Tells Keisei what this package provides; imports nothing heavy, so that listing plugins stays quick."""

from collections.abc import Iterable

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_commands() -> Iterable[Component]:
    """Offers `keisei myname`."""
    return (
        Component(
            name="myname",
            target="keisei_plugins_myname.command:myname_command",
            summary="Draw one metric of a run in a line of text.",
        ),
    )
