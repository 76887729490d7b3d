"""Declares the distribution backend to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)


@hookimpl
def keisei_distribution_backends() -> Iterable[Component]:
    """Offers `ray`."""
    return (
        Component(
            name="ray",
            target="keisei_plugins_ray.backend:RayDDP",
            options="keisei_plugins_ray.options:RayOptions",
            summary="DistributedDataParallel in processes that a Ray cluster places",
        ),
    )
