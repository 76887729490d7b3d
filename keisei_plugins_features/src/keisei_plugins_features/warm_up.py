"""Encodes two positions by every kernel of this package, so that `keisei warm` compiles them."""

from keisei_core.observe import FeatureSet, PlaneContext
from keisei_core.shogi import Games
from keisei_plugins_features.attacks import Attacks
from keisei_plugins_features.core46 import Core46
from keisei_plugins_features.history import History
from keisei_plugins_features.optional import Check, HandThermometer, LastTwoPlies, PromotionZone, Repetition
from keisei_plugins_features.options import HistoryOptions
from keisei_plugins_features.safe import Safe


def planes() -> None:
    """Writes all planes."""
    context = PlaneContext(max_plies=8)
    kinds = (Core46, Check, Repetition, PromotionZone, LastTwoPlies, HandThermometer, Attacks, Safe)
    features = FeatureSet([*(kind(context) for kind in kinds), History(context, HistoryOptions())])
    features.encode(Games(2, max_plies=8, history=features.needs.history).positions)
