"""Declares the tracker to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)


@hookimpl
def keisei_trackers() -> Iterable[Component]:
    """Offers `tensorboard`."""
    return (
        Component(
            name="tensorboard",
            target="keisei_plugins_tensorboard.tracker:TensorBoardTracker",
            options="keisei_plugins_tensorboard.options:TensorBoardOptions",
            summary="curves for TensorBoard, which a resumed run continues",
        ),
    )
