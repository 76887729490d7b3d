"""Declares the baseline network to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

import pluggy

from keisei_core.plugins.components import Component

KEISEI_PLUGIN_API: Final = (1, 0)

hookimpl = pluggy.HookimplMarker("keisei")


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
