"""Tells Keisei what this package provides; imports nothing heavy."""

from collections.abc import Iterable

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_feature_planes() -> Iterable[Component]:
    """Offers `crowd`."""
    return (
        Component(
            name="crowd",
            target="keisei_plugins_example.crowd:Crowd",
            summary="2 planes: pieces of either side around each square",
        ),
    )


@hookimpl
def keisei_models() -> Iterable[Component]:
    """Offers `mixer`."""
    return (
        Component(
            name="mixer",
            target="keisei_plugins_example.mixer:build",
            options="keisei_plugins_example.options:MixerOptions",
            summary="MLP-mixer over the 81 squares",
        ),
    )


@hookimpl
def keisei_players() -> Iterable[Component]:
    """Offers `promoter`."""
    return (
        Component(
            name="promoter",
            target="keisei_plugins_example.promoter:Promoter",
            summary="promotes whenever it can, else plays any legal move",
        ),
    )
