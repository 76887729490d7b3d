"""Declares the bundled planes to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Bundle, Component

KEISEI_PLUGIN_API: Final = (2, 0)
KEISEI_WARM_UPS: Final = ("keisei_plugins_features.warm_up:planes",)


@hookimpl
def keisei_feature_planes() -> Iterable[Component | Bundle]:
    """Offers core46, eight optional sets of planes, and the first five of them under one name."""
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
        Component(
            name="attacks",
            target="keisei_plugins_features.attacks:Attacks",
            summary="34 planes: squares attacked by each kind of piece, and by one, two, three pieces of a side",
        ),
        Component(
            name="safe",
            target="keisei_plugins_features.safe:Safe",
            summary="6 planes: where a pawn, a gold of a side is safe from exchanges; what its hanging pieces lose",
        ),
        Component(
            name="history",
            target="keisei_plugins_features.history:History",
            options="keisei_plugins_features.options:HistoryOptions",
            summary="44 planes for each of the 7 positions before: pieces on the board and in hand, repetition",
        ),
        Bundle(
            name="all",
            parts=("check", "repetition", "prom_zone", "last2ply", "hand_onehot"),
            summary="64 planes: every optional set but attacks, safe and history",
        ),
    )
