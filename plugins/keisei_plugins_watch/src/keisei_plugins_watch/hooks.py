"""Declares watch to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)


@hookimpl
def keisei_commands() -> Iterable[Component]:
    """Offers `watch` and `play`."""
    return (
        Component(
            name="watch",
            target="keisei_plugins_watch.live.command:watch",
            summary="Watch a run in the browser while it trains.",
        ),
        Component(
            name="play",
            target="keisei_plugins_watch.game.command:play",
            summary="Play against a network or any other player in the browser.",
        ),
    )
