"""Declares the bundled migrators to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)


@hookimpl
def keisei_checkpoint_migrators() -> Iterable[Component]:
    """Offers five ways to bring a checkpoint on; they compose."""
    return (
        Component(
            name="format",
            target="keisei_plugins_migrators.format:FormatMigrator",
            summary="older formats, and bare weights, to the present format",
        ),
        Component(
            name="planes",
            target="keisei_plugins_migrators.planes:PlanesMigrator",
            summary="any input planes to any others, by channel name",
        ),
        Component(
            name="positional",
            target="keisei_plugins_migrators.positional:PositionalMigrator",
            summary="input planes by position, for weights without channel names: padded with zeros or cut off",
        ),
        Component(
            name="widen",
            target="keisei_plugins_migrators.widen:WidenMigrator",
            summary="more channels, the function kept",
        ),
        Component(
            name="deepen",
            target="keisei_plugins_migrators.deepen:DeepenMigrator",
            summary="more blocks, which start as the identity",
        ),
    )
