"""Which plugins take part: `[plugins]` of a config, and environment variables that mean the same for one process.

What the config of a command leaves out is never loaded by its process, whichever part asks for the plugins.
"""

import os
from collections.abc import Collection
from typing import Final, NamedTuple

from keisei_core.plugins.bundled import canonical
from keisei_core.plugins.installed import GROUP
from keisei_core.plugins.plugin import Plugin

DISABLING_VARIABLE: Final = "KEISEI_DISABLE_PLUGINS"
"""Distributions or entry points by commas; `*` for all but the core's own."""
ALLOWING_VARIABLE: Final = "KEISEI_ONLY_PLUGINS"
"""The only ones that take part beside those that come with Keisei."""


class Selection(NamedTuple):
    """What a config says; see `takes_part`."""

    disable: Collection[str] = ()
    only: Collection[str] = ()


_in_force = [Selection()]


def keep_to(disable: Collection[str] = (), only: Collection[str] = ()) -> None:
    """Lets this process load from here on what a config lets it load; nothing is left out where nothing is given."""
    _in_force[:] = [Selection(tuple(disable), tuple(only))]


def takes_part(plugin: Plugin, disable: Collection[str] = (), only: Collection[str] = ()) -> bool:
    """Tells whether a plugin takes part, as far as a config says.

    Args:
        plugin: installed, or a file that was named.
        disable: distributions, entry points or `distribution:entry` that don't.
        only: if any, nobody else does, but for what comes with Keisei and files that were named.
    """
    if is_named(plugin, disable):
        return False
    return not only or plugin.owner.is_bundled or bool(plugin.owner.sha256) or is_named(plugin, only)


def process_lets(plugin: Plugin) -> bool:
    """Tells whether a plugin takes part, as far as the environment and the config of the present command say."""
    by_environment = Selection(_listed(DISABLING_VARIABLE), _listed(ALLOWING_VARIABLE))
    return all(takes_part(plugin, *selection) for selection in (by_environment, *_in_force))


def is_named(plugin: Plugin, names: Collection[str]) -> bool:
    """Tells whether one of the names means this plugin: distribution, entry point or `distribution:entry`."""
    distribution = canonical(plugin.owner.distribution)
    for name in names:
        head, colon, entry = name.partition(":")
        if name == "*" and distribution != GROUP:
            return True
        if canonical(head) == distribution and entry in ("", plugin.entry):
            return True
        if not colon and name == plugin.entry:
            return True
    return False


def _listed(variable: str) -> list[str]:
    return [name for part in os.environ.get(variable, "").split(",") if (name := part.strip())]
