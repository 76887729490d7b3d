"""Extension points: what plugins declare, how they are loaded, and how a name in the config finds its component."""

from keisei_core.plugins.choice import Choice
from keisei_core.plugins.components import Bundle, Component, Kind
from keisei_core.plugins.plugin import Owner, Plugin, Status
from keisei_core.plugins.reading import read_settings
from keisei_core.plugins.registry import Registry, load_registry
from keisei_core.plugins.settings import Settings

__all__ = [
    "Bundle",
    "Choice",
    "Component",
    "Kind",
    "Owner",
    "Plugin",
    "Registry",
    "Settings",
    "Status",
    "load_registry",
    "read_settings",
]
