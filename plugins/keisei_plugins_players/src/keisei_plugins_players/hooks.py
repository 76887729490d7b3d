"""Declares the players to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)
KEISEI_WARM_UPS: Final = ("keisei_plugins_players.warm_up:alphabeta",)


@hookimpl
def keisei_players() -> Iterable[Component]:
    """Offers `alphabeta`."""
    return (
        Component(
            name="alphabeta",
            target="keisei_plugins_players.alphabeta:AlphaBeta",
            options="keisei_plugins_players.options:AlphaBetaOptions",
            summary="counts material as many plies ahead as its depth, and sees every mate within them",
        ),
    )
