"""Observation planes: what the network sees of a position. The planes themselves come from plugins."""

from keisei_core.observe.channels import Channel, PlaneContext
from keisei_core.observe.feature_set import FeatureSet
from keisei_core.observe.needs import Needs, needs_of
from keisei_core.observe.planes import CompiledPlanes, FeaturePlanes, FlatPlanes, flat_planes

__all__ = [
    "Channel",
    "CompiledPlanes",
    "FeaturePlanes",
    "FeatureSet",
    "FlatPlanes",
    "Needs",
    "PlaneContext",
    "flat_planes",
    "needs_of",
]
