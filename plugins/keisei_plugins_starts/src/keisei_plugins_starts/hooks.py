"""Declares the starts to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)


@hookimpl
def keisei_starts() -> Iterable[Component]:
    """Offers `book` and `shuffled`."""
    return (
        Component(
            name="book",
            target="keisei_plugins_starts.book:Book",
            options="keisei_plugins_starts.options:BookOptions",
            summary="positions and lines of a file, each as likely",
        ),
        Component(
            name="shuffled",
            target="keisei_plugins_starts.shuffled:Shuffled",
            options="keisei_plugins_starts.options:ShuffledOptions",
            summary="the ordinary pieces in another order on their ranks",
        ),
    )
