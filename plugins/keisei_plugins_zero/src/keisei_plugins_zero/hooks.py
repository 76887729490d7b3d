"""Declares the algorithm to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)


@hookimpl
def keisei_algorithms() -> Iterable[Component]:
    """Offers `zero`."""
    return (
        Component(
            name="zero",
            target="keisei_plugins_zero.zero:Zero",
            options="keisei_plugins_zero.options:ZeroOptions",
            summary="the policy learns what searches found, V how games ended, from a window of segments",
        ),
    )
