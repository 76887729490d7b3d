"""Checkpoints to try a migrator on, and what its author says it can do with them."""

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Any

import attrs

from keisei_core.checkpoint import FORMAT_VERSION
from keisei_core.observe import Channel, FeatureSet


@attrs.frozen(kw_only=True)
class Sample:
    """A checkpoint to try a migrator on, named as in a config."""

    model: str
    """`name` or `distribution:name` of an installed network."""
    options: Mapping[str, Any] = MappingProxyType({})
    """The network's."""
    features: str = "core46"
    """Installed planes."""
    format: int = FORMAT_VERSION
    """Of the files."""
    names_channels: bool = True
    """False for weights that do not say what their planes are."""
    old_names: Mapping[str, str] = MappingProxyType({})
    """The name that a channel had when the checkpoint was made, by its present name."""
    state: Mapping[str, Any] = MappingProxyType({})
    """state.json, where the migrator looks at it."""
    rest: Mapping[str, bytes] = MappingProxyType({})
    """Other files, likewise."""


Edge = tuple[Sample, Sample]
"""From one checkpoint to the other, the goal."""


@attrs.frozen(kw_only=True)
class Edges:
    """What a migrator's author says it can do."""

    offered: Collection[Edge]
    """It offers a step that brings the first nearer to the second."""
    refused: Collection[Edge] = ()
    """It refuses, and says why."""


def channels_of(samples: Collection[Sample], find_features: Callable[[str], FeatureSet]) -> dict[str, Channel]:
    """Returns every channel of some samples by its names."""
    found = {}
    for sample in samples:
        for channel in find_features(sample.features).channels:
            for name in (channel.name, sample.old_names.get(channel.name, channel.name)):
                found[name] = attrs.evolve(channel, name=name)
    return found
