"""Declares the bundled planes to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

import pluggy

from keisei_core.plugins.components import Component

KEISEI_PLUGIN_API: Final = (1, 0)

hookimpl = pluggy.HookimplMarker("keisei")


@hookimpl
def keisei_feature_planes() -> Iterable[Component]:
    """Offers core46 and, in the order that `all` stands for, the five optional sets of planes."""
    return (
        Component(
            name="core46",
            target="keisei_plugins_features.core46:Core46",
            summary="46 planes: pieces on the board and in hand, colour, ply",
        ),
        Component(
            name="check",
            target="keisei_plugins_features.optional:Check",
            summary="1 plane: the mover is in check",
        ),
        Component(
            name="repetition",
            target="keisei_plugins_features.optional:Repetition",
            summary="2 planes: this position stood once before; twice before",
        ),
        Component(
            name="prom_zone",
            target="keisei_plugins_features.optional:PromotionZone",
            summary="1 plane: the mover's promotion zone",
        ),
        Component(
            name="last2ply",
            target="keisei_plugins_features.optional:LastTwoPlies",
            summary="4 planes: origin and destination of the last move and of the one before",
        ),
        Component(
            name="hand_onehot",
            target="keisei_plugins_features.optional:HandThermometer",
            summary="56 planes: both hands counted out, one plane per piece",
        ),
    )
