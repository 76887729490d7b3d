"""Declares the search to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)


@hookimpl
def keisei_players() -> Iterable[Component]:
    """Offers `search`."""
    return (
        Component(
            name="search",
            target="keisei_plugins_search.player:SearchPlayer",
            options="keisei_plugins_search.options:SearchOptions",
            summary="a trained network that looks ahead: PUCT over its policy and value",
        ),
    )
