"""Observation planes: what the network sees of a position. The planes themselves come from plugins."""

from keisei_core.observe.canvas import Canvas
from keisei_core.observe.channels import Channel, PlaneContext
from keisei_core.observe.feature_set import FeatureSet
from keisei_core.observe.needs import Needs, needs_of
from keisei_core.observe.planes import CompiledPlanes, FeaturePlanes, FlatPlanes, flat_planes
from keisei_core.observe.shared_planes import SharedPlanes

__all__ = [
    "Canvas",
    "Channel",
    "CompiledPlanes",
    "FeaturePlanes",
    "FeatureSet",
    "FlatPlanes",
    "Needs",
    "PlaneContext",
    "SharedPlanes",
    "flat_planes",
    "needs_of",
]
