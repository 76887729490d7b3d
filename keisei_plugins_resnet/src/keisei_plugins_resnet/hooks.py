"""Declares the SE-ResNet to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)


@hookimpl
def keisei_models() -> Iterable[Component]:
    """Offers `resnet`."""
    return (
        Component(
            name="resnet",
            target="keisei_plugins_resnet.network:build",
            options="keisei_plugins_resnet.options:ResNetOptions",
            summary="residual tower with squeeze-and-excitation and slim convolutional heads",
        ),
    )
