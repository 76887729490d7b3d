"""Observation planes: what the network sees of a position. The planes themselves come from plugins."""

from keisei_core.observe.channels import Channel, PlaneContext
from keisei_core.observe.feature_set import FeatureSet
from keisei_core.observe.planes import FeaturePlanes, FlatPlanes, flat_planes

__all__ = ["Channel", "FeaturePlanes", "FeatureSet", "FlatPlanes", "PlaneContext", "flat_planes"]
