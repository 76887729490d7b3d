"""Takes one plugin through every step of loading; whatever it does there ends as its status and its warnings."""

import traceback
from collections.abc import Callable
from types import ModuleType
from typing import Final

import attrs

from keisei_core import PLUGIN_API
from keisei_core.errors import PluginError
from keisei_core.plugins.declarations import RejectedError, declarations
from keisei_core.plugins.guard import Guard
from keisei_core.plugins.plugin import Plugin, Status
from keisei_core.plugins.watchdog import TooLongError
from keisei_core.shown import one_line

_HUNG: Final[dict[tuple[str, str], Plugin]] = {}
"""What took too long, by name and module; a process waits for it once."""
_MEDDLED: Final[dict[tuple[str, str], tuple[str, ...]]] = {}
"""What is said of those that changed the process, which a module does at its first import only."""


def loaded(plugin: Plugin, load: Callable[[], object], guard: Guard) -> Plugin:
    """Returns a plugin with its status and what it declares.

    Args:
        plugin: not loaded yet.
        load: imports its module.
        guard: in use.

    Raises:
        KeyboardInterrupt: the user asked for it.
    """
    key = (plugin.name, plugin.module)
    if key in _HUNG:
        return _HUNG[key]
    changes: list[str] = []
    try:
        with guard.loading(f"plugin {plugin.owner}", plugin.owner.distribution) as changes:
            module = _module(load())
            plugin = attrs.evolve(plugin, location=getattr(module, "__file__", None) or plugin.location)
            plugin = attrs.evolve(plugin, api=_declared_api(plugin, module))
            _check_api(plugin)
            found = declarations(module, plugin.name)
            plugin = attrs.evolve(plugin, components=found.components, bundles=found.bundles, warnings=found.warnings)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit, and what else means to end the process
        plugin = _failed(plugin, error)
        if isinstance(error, TooLongError):
            _HUNG[key] = plugin
    return _meddling(plugin, key, changes)


def _meddling(plugin: Plugin, key: tuple[str, str], changes: list[str]) -> Plugin:
    """Says of a plugin what it has changed of the process, this time or when its module was imported."""
    if changes:
        _MEDDLED[key] = (f"changed this process while it was loaded: {', '.join(changes)}; put back where possible",)
    told = _MEDDLED.get(key, ())
    status = Status.MEDDLES if told and plugin.status is Status.OK else plugin.status
    return attrs.evolve(plugin, status=status, warnings=(*plugin.warnings, *told))


def _failed(plugin: Plugin, error: BaseException) -> Plugin:
    """Returns a plugin with the status that an exception gives it."""
    if isinstance(error, RejectedError):
        return attrs.evolve(plugin, status=error.status, cause=str(error))
    story = "".join(traceback.format_exception(error))
    if isinstance(error, PluginError):
        return attrs.evolve(plugin, status=Status.INVALID, cause=str(error), traceback=story)
    return attrs.evolve(plugin, status=Status.BROKEN, cause=_told(error, plugin), traceback=story)


def _told(error: BaseException, plugin: Plugin) -> str:
    """Tells an exception in one line; of a file with the line in it, as a syntax error says by itself."""
    told = one_line(error)
    frames = list(traceback.walk_tb(error.__traceback__))
    lines = [number for frame, number in frames if frame.f_code.co_filename == plugin.location]
    if isinstance(error, TooLongError) and len(frames) > 1:
        frame, number = frames[-2]  # the last one is the watchdog's
        return f"{told}, at {frame.f_code.co_filename}:{number}"
    return f"{told} ({plugin.owner.distribution}, line {lines[-1]})" if lines and plugin.owner.sha256 else told


def _module(loaded: object) -> ModuleType:
    """Makes sure that what an entry point names is a module."""
    if not isinstance(loaded, ModuleType):
        raise RejectedError(Status.INVALID, f"entry point must name a module, got {loaded!r}")
    return loaded


def _declared_api(plugin: Plugin, module: ModuleType) -> tuple[int, int]:
    """Reads `KEISEI_PLUGIN_API` of the module."""
    api = getattr(module, "KEISEI_PLUGIN_API", None)
    if api is None:
        raise RejectedError(
            Status.INVALID, f"{plugin.module} has no KEISEI_PLUGIN_API; add KEISEI_PLUGIN_API = {PLUGIN_API}"
        )
    if not (isinstance(api, tuple) and len(api) == 2 and all(type(part) is int for part in api)):
        raise RejectedError(Status.INVALID, f"KEISEI_PLUGIN_API must be a pair of integers, got {api!r}")
    return api


def _check_api(plugin: Plugin) -> None:
    """Refuses a plugin written for hooks that this core does not have."""
    major, minor = plugin.api or (0, 0)
    if major != PLUGIN_API[0] or minor > PLUGIN_API[1]:
        wanted, have = f"{major}.{minor}", f"{PLUGIN_API[0]}.{PLUGIN_API[1]}"
        remedy = "upgrade keisei" if (major, minor) > PLUGIN_API else f"upgrade {plugin.owner.distribution}"
        raise RejectedError(Status.INCOMPATIBLE, f"needs plugin API {wanted}, this keisei has {have}; {remedy}")
