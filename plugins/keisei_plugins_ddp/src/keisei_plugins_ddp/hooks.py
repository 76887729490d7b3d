"""Declares the distribution backend to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)


@hookimpl
def keisei_distribution_backends() -> Iterable[Component]:
    """Offers `ddp`."""
    return (
        Component(
            name="ddp",
            target="keisei_plugins_ddp.backend:DDP",
            options="keisei_plugins_ddp.options:DDPOptions",
            summary="DistributedDataParallel in several processes, on one machine or many",
        ),
    )
