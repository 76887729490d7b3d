"""Declares the teachers to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)


@hookimpl
def keisei_teachers() -> Iterable[Component]:
    """Offers `tactics` and `distill`."""
    return (
        Component(
            name="tactics",
            target="keisei_plugins_teachers.tactics:Tactics",
            options="keisei_plugins_teachers.options:TacticsOptions",
            summary="moves that lose nothing by exchanges, and mates in one beside the games",
        ),
        Component(
            name="distill",
            target="keisei_plugins_teachers.distill:Distill",
            options="keisei_plugins_teachers.options:DistillOptions",
            summary="policy and value of another network, of any architecture and planes",
        ),
    )
