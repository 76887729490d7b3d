"""Declares the tracker to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)


@hookimpl
def keisei_trackers() -> Iterable[Component]:
    """Offers `trackio`."""
    return (
        Component(
            name="trackio",
            target="keisei_plugins_trackio.tracker:TrackioTracker",
            options="keisei_plugins_trackio.options:TrackioOptions",
            summary="curves for Trackio, on this machine, which a resumed run continues",
        ),
    )
