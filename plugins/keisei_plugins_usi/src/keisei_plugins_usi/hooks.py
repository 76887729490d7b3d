"""Declares the protocol's commands and players to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)


@hookimpl
def keisei_commands() -> Iterable[Component]:
    """Offers `keisei usi` and `keisei usi-check`."""
    return (
        Component(
            name="usi",
            target="keisei_plugins_usi.engine.command:usi",
            summary="Play in ShogiHome and the like: any network or player as a USI engine.",
        ),
        Component(
            name="usi-check",
            target="keisei_plugins_usi.conformance.command:usi_check",
            summary="Try a USI engine on what clients count on.",
        ),
    )


@hookimpl
def keisei_players() -> Iterable[Component]:
    """Offers `usi`."""
    return (
        Component(
            name="usi",
            target="keisei_plugins_usi.opponents.player:UsiPlayer",
            options="keisei_plugins_usi.opponents.options:UsiOptions",
            summary="an engine from outside, which a table [engines.NAME] describes",
        ),
    )
