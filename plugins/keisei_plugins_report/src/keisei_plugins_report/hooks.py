"""Declares the report to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)
KEISEI_RUN_ENDS: Final = ("keisei_plugins_report.report:report_of_run",)


@hookimpl
def keisei_commands() -> Iterable[Component]:
    """Offers `report`."""
    return (
        Component(
            name="report",
            target="keisei_plugins_report.command:report",
            summary="Write a page on runs: strength, curves, games on a board.",
        ),
    )
