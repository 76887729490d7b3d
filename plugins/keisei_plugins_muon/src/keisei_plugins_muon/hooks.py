"""Declares the optimiser to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)


@hookimpl
def keisei_optimizers() -> Iterable[Component]:
    """Offers `muon`."""
    return (
        Component(
            name="muon",
            target="keisei_plugins_muon.muon:Muon",
            options="keisei_plugins_muon.options:MuonOptions",
            summary="Muon for matrices and kernels, Adam for everything else",
        ),
    )
