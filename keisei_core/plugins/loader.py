"""Loads plugins from entry points, each by itself: one that fails is kept with its cause and stops nobody else."""

import contextlib
import inspect
import os
import re
import sys
import traceback
from collections.abc import Collection, Iterable
from importlib.metadata import Distribution, EntryPoint, entry_points
from types import ModuleType
from typing import Any, Final

import attrs
import pluggy

from keisei_core import PLUGIN_API
from keisei_core.errors import PluginError
from keisei_core.plugins import hookspecs
from keisei_core.plugins.components import Bundle, Component, Kind
from keisei_core.plugins.plugin import Owner, Plugin, Status

GROUP: Final = "keisei"
"""The entry-point group; the value names a light module with hook implementations."""
DISABLING_VARIABLE: Final = "KEISEI_DISABLE_PLUGINS"
"""Environment variable: distributions or entry points by commas; `*` for all but the core's own."""


class _RejectedError(Exception):
    """A plugin breaks a rule; carries the status it gets and the cause."""

    def __init__(self, status: Status, cause: str) -> None:
        self.status = status
        super().__init__(cause)


def load_plugins(disable: Collection[str] = (), entries: Iterable[EntryPoint] | None = None) -> tuple[Plugin, ...]:
    """Loads every installed plugin, sorted by distribution and entry point.

    Args:
        disable: distributions, entry points or `distribution:entry` that are not imported, beside those of
            the environment variable `KEISEI_DISABLE_PLUGINS`.
        entries: None takes those installed.
    """
    unwanted = {*disable, *(name.strip() for name in os.environ.get(DISABLING_VARIABLE, "").split(","))} - {""}
    found = entry_points(group=GROUP) if entries is None else entries
    plugins: dict[tuple[str, str], Plugin] = {}
    for entry in found:
        described = _describe(entry)
        key = (canonical(described.owner.distribution), described.entry)
        # Left-over metadata beside an editable install lists the same plugin twice.
        if key not in plugins:
            plugins[key] = _load(described, entry, unwanted)
    return tuple(plugins[key] for key in sorted(plugins))


def canonical(name: str) -> str:
    """Returns a distribution's name in the one spelling that package indexes compare by."""
    return re.sub(r"[-_.]+", "-", name).lower()


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


def _describe(entry: EntryPoint) -> Plugin:
    """Reads a plugin's card from its distribution's metadata, damaged or not."""
    owner, location, is_editable = Owner("unknown", "unknown"), "", False
    if entry.dist is not None:
        # Metadata of a half-removed package may lack anything.
        with contextlib.suppress(Exception):
            location = str(entry.dist.locate_file(""))
        with contextlib.suppress(Exception):
            owner = Owner(entry.dist.metadata["Name"] or "unknown", entry.dist.version or "unknown", _url(entry.dist))
        with contextlib.suppress(Exception):
            is_editable = '"editable": true' in (entry.dist.read_text("direct_url.json") or "")
    module = entry.value.partition(":")[0].strip()
    return Plugin(owner=owner, entry=entry.name, module=module, location=location, is_editable=is_editable)


def _url(distribution: Distribution) -> str:
    """Returns where to report a defect: the project's home page or its first link."""
    pairs = [str(link).partition(", ") for link in distribution.metadata.get_all("Project-URL") or ()]
    links = {name.lower(): url for name, _, url in pairs}
    for name in ("homepage", "repository", "source", "issues"):
        if name in links:
            return links[name]
    return next(iter(links.values()), "")


def _load(plugin: Plugin, entry: EntryPoint, unwanted: Collection[str]) -> Plugin:
    """Takes one plugin through every step; whatever it raises ends as its status."""
    if is_named(plugin, unwanted):
        return plugin.disabled()
    try:
        # What a plugin prints must not end up in the output of a listing.
        with contextlib.redirect_stdout(sys.stderr):
            module = entry.load()
            plugin = attrs.evolve(plugin, location=getattr(module, "__file__", None) or plugin.location)
            plugin = attrs.evolve(plugin, api=_declared_api(plugin, module))
            _check_api(plugin)
            return _with_components(plugin, module)
    except _RejectedError as error:
        return attrs.evolve(plugin, status=error.status, cause=str(error))
    except PluginError as error:
        return attrs.evolve(plugin, status=Status.INVALID, cause=str(error), traceback=traceback.format_exc())
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # SystemExit, and what else means to end the process
        return attrs.evolve(plugin, status=Status.BROKEN, cause=one_line(error), traceback=traceback.format_exc())


def one_line(error: BaseException) -> str:
    """Writes an exception as `Type: first line of its text`; a stranger's exception may fail at that too."""
    try:
        lines = str(error).strip().splitlines()
    except Exception:
        lines = []
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _declared_api(plugin: Plugin, module: object) -> tuple[int, int]:
    """Reads `KEISEI_PLUGIN_API` of the module."""
    if not isinstance(module, ModuleType):
        raise _RejectedError(Status.INVALID, f"entry point must name a module, got {module!r}")
    api = getattr(module, "KEISEI_PLUGIN_API", None)
    if api is None:
        raise _RejectedError(
            Status.INVALID, f"{plugin.module} has no KEISEI_PLUGIN_API; add KEISEI_PLUGIN_API = {PLUGIN_API}"
        )
    if not (isinstance(api, tuple) and len(api) == 2 and all(type(part) is int for part in api)):
        raise _RejectedError(Status.INVALID, f"KEISEI_PLUGIN_API must be a pair of integers, got {api!r}")
    return api


def _check_api(plugin: Plugin) -> None:
    """Refuses a plugin written for hooks that this core does not have."""
    major, minor = plugin.api or (0, 0)
    if major != PLUGIN_API[0] or minor > PLUGIN_API[1]:
        wanted, have = f"{major}.{minor}", f"{PLUGIN_API[0]}.{PLUGIN_API[1]}"
        remedy = "upgrade keisei" if (major, minor) > PLUGIN_API else f"upgrade {plugin.owner.distribution}"
        raise _RejectedError(Status.INCOMPATIBLE, f"needs plugin API {wanted}, this keisei has {have}; {remedy}")


def _with_components(plugin: Plugin, module: ModuleType) -> Plugin:
    """Registers the module with pluggy, alone, and collects what its hooks return."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(module, name=plugin.name)
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        raise _RejectedError(Status.INVALID, _hook_complaint(str(error), module)) from error
    components: list[tuple[Kind, Component]] = []
    bundles: list[Bundle] = []
    for name, kind in hookspecs.KIND_OF_HOOK.items():
        for implementation in getattr(manager.hook, name).get_hookimpls():
            for item in _call(name, implementation):
                if isinstance(item, Bundle) and kind is Kind.FEATURES:
                    bundles.append(item)
                elif isinstance(item, Component):
                    components.append((kind, item))
                else:
                    raise _RejectedError(Status.INVALID, f"{name}() must return Component objects, got {item!r}")
    _check_declarations(components, bundles)
    return attrs.evolve(plugin, components=tuple(components), bundles=tuple(bundles))


def _call(name: str, implementation: Any) -> list[object]:
    """Calls one hook implementation."""
    if implementation.hookwrapper or implementation.wrapper or inspect.iscoroutinefunction(implementation.function):
        raise _RejectedError(Status.INVALID, f"{name}() must be a plain function, not a wrapper and not async")
    if implementation.argnames or implementation.kwargnames:
        arguments = ", ".join((*implementation.argnames, *implementation.kwargnames))
        raise _RejectedError(Status.INVALID, f"{name}() takes no arguments, but asks for {arguments}")
    result = implementation.function()
    if not isinstance(result, Iterable):
        raise _RejectedError(Status.INVALID, f"{name}() must return a list of Component, got {result!r}")
    return list(result)


def _hook_complaint(message: str, module: ModuleType) -> str:
    """Shortens pluggy's report to one line, with the hook that was probably meant."""
    from keisei_core.config.wording import did_you_mean

    unknown = re.search(r"unknown hook '(\w+)'", message)
    if unknown:
        hook = unknown[1]
        return f"unknown hook {hook!r} in {module.__name__}{did_you_mean(hook, hookspecs.KIND_OF_HOOK)}"
    return " ".join(message.split())


def _check_declarations(components: list[tuple[Kind, Component]], bundles: list[Bundle]) -> None:
    """Refuses a name declared twice, and bundles of what the plugin does not have."""
    seen: set[tuple[Kind, str]] = set()
    for kind, name in (*((kind, item.name) for kind, item in components), *((Kind.FEATURES, b.name) for b in bundles)):
        if (kind, name) in seen:
            raise _RejectedError(Status.INVALID, f"declares {kind} {name!r} twice")
        seen.add((kind, name))
    planes = {component.name for kind, component in components if kind is Kind.FEATURES}
    for bundle in bundles:
        strange = [part for part in bundle.parts if part not in planes]
        if strange or len(set(bundle.parts)) < len(bundle.parts):
            raise _RejectedError(
                Status.INVALID, f"bundle {bundle.name!r} must list planes of this plugin once: {bundle.parts}"
            )
