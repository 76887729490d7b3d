"""Declares the search to Keisei; imports nothing heavy."""

from collections.abc import Iterable
from typing import Final

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API: Final = (2, 0)
KEISEI_WARM_UPS: Final = ("keisei_plugins_search.warm_up:search", "keisei_plugins_search.warm_up:mates")


@hookimpl
def keisei_players() -> Iterable[Component]:
    """Offers `search`."""
    return (
        Component(
            name="search",
            target="keisei_plugins_search.player:SearchPlayer",
            options="keisei_plugins_search.options:SearchOptions",
            summary="a trained network that looks ahead by its policy and value",
        ),
    )


@hookimpl
def keisei_deciders() -> Iterable[Component]:
    """Offers `search`."""
    return (
        Component(
            name="search",
            target="keisei_plugins_search.decider:SearchDecider",
            options="keisei_plugins_search.training_options:SearchDeciderOptions",
            summary="searches a share of the plies, draws the others from the policy, and keeps what it found",
        ),
    )


@hookimpl
def keisei_teachers() -> Iterable[Component]:
    """Offers `search`."""
    return (
        Component(
            name="search",
            target="keisei_plugins_search.teacher:SearchTeacher",
            options="keisei_plugins_search.training_options:SearchTeacherOptions",
            summary="policy and value that a search found, at play or in the positions played",
        ),
    )
