"""Declares the baseline network to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)


@hookimpl
def keisei_models() -> Iterable[Component]:
    """Offers `baseline`."""
    return (
        Component(
            name="baseline",
            target="keisei_plugins_baseline.network:build",
            options="keisei_plugins_baseline.options:BaselineOptions",
            summary="plain CNN: one convolution, flattened into linear heads",
        ),
    )
