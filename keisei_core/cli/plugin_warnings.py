"""What whoever runs a command hears of plugins that load, and will not for ever."""

from typing import TYPE_CHECKING

from keisei_core.streams import say

if TYPE_CHECKING:  # `keisei --help` does without
    from keisei_core.plugins import Registry


def tell_warnings(registry: "Registry") -> None:
    """Writes the warnings of every plugin to stderr, a line each, with its package and version."""
    for plugin in registry.plugins:
        for warning in plugin.warnings:
            say(f"keisei: warning: plugin {plugin.owner}: {warning}")
