"""Extension points: what plugins declare, how they are loaded, and how a name in the config finds its component.

Each name is imported when it is first asked for: help, and every module with hooks, need a few of them only.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from keisei_core.plugins.choice import Choice
    from keisei_core.plugins.components import Bundle, Component, Kind
    from keisei_core.plugins.plugin import Owner, Plugin, Status
    from keisei_core.plugins.reading import read_settings
    from keisei_core.plugins.registry import Registry, load_registry
    from keisei_core.plugins.settings import Settings

_HOMES: Final = {
    "Bundle": "components",
    "Choice": "choice",
    "Component": "components",
    "Kind": "components",
    "Owner": "plugin",
    "Plugin": "plugin",
    "Registry": "registry",
    "Settings": "settings",
    "Status": "plugin",
    "load_registry": "registry",
    "read_settings": "reading",
}

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


def __getattr__(name: str) -> object:
    """Imports what a name stands for."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
