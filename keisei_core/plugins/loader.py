"""Loads plugins from entry points and files, each by itself: one that fails is kept with its cause and stops nobody."""

import contextlib
import os
import sys
import traceback
from collections.abc import Callable, Collection, Iterable
from functools import partial
from importlib.metadata import Distribution, EntryPoint
from types import ModuleType
from typing import Final

import attrs

from keisei_core import PLUGIN_API
from keisei_core.errors import PluginError
from keisei_core.plugins.bundled import canonical
from keisei_core.plugins.components import Component
from keisei_core.plugins.ctrl_c import is_ctrl_c
from keisei_core.plugins.declarations import RejectedError, declarations
from keisei_core.plugins.entries import module_of
from keisei_core.plugins.installed import GROUP, UNKNOWN, identity, installed_entries
from keisei_core.plugins.plugin import Owner, Plugin, Status
from keisei_core.plugins.plugin_file import PluginFile, files_in_use

DISABLING_VARIABLE: Final = "KEISEI_DISABLE_PLUGINS"
"""Environment variable: distributions or entry points by commas; `*` for all but the core's own."""


def load_plugins(disable: Collection[str] = (), entries: Iterable[EntryPoint] | None = None) -> tuple[Plugin, ...]:
    """Loads every installed plugin and the files in use, sorted by distribution and entry point.

    Args:
        disable: distributions, entry points or `distribution:entry` that are not imported, beside those of
            the environment variable `KEISEI_DISABLE_PLUGINS`.
        entries: None takes those installed.
    """
    unwanted = {*disable, *(name.strip() for name in os.environ.get(DISABLING_VARIABLE, "").split(","))} - {""}
    found = installed_entries() if entries is None else entries
    plugins: dict[tuple[str, str], Plugin] = {}
    for entry in found:
        described = _describe(entry)
        key = (canonical(described.owner.distribution), described.entry)
        # Left-over metadata beside an editable install lists the same plugin twice.
        if key not in plugins:
            plugins[key] = _load(described, partial(_imported, entry), unwanted)
    for file in files_in_use():
        plugins[canonical(file.name), file.stem] = load_file(file, unwanted)
    return tuple(plugins[key] for key in sorted(plugins))


def load_file(file: PluginFile, disable: Collection[str] = ()) -> Plugin:
    """Loads a plugin that is one file; its targets may call the file's module by its stem."""
    described = Plugin(owner=file.owner, entry=file.stem, module=file.module_name, location=str(file.path))
    plugin = _load(described, file.module, disable)
    components = tuple((kind, _of_file(component, file)) for kind, component in plugin.components)
    return attrs.evolve(plugin, components=components)


def _of_file(component: Component, file: PluginFile) -> Component:
    options = component.options and file.own_target(component.options)
    return attrs.evolve(component, target=file.own_target(component.target), options=options)


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
    owner, location, is_editable = Owner(UNKNOWN, UNKNOWN), "", False
    if entry.dist is not None:
        owner = Owner(*identity(entry.dist))
        # Metadata of a half-removed package may lack anything.
        with contextlib.suppress(Exception):
            location = str(entry.dist.locate_file(""))
        with contextlib.suppress(Exception):
            owner = attrs.evolve(owner, url=_url(entry.dist))
        with contextlib.suppress(Exception):
            is_editable = '"editable": true' in (entry.dist.read_text("direct_url.json") or "")
    return Plugin(owner=owner, entry=entry.name, module=module_of(entry), location=location, is_editable=is_editable)


def _imported(entry: EntryPoint) -> object:
    """Imports what an entry point names."""
    if not entry.pattern.match(entry.value):
        raise RejectedError(Status.INVALID, f"entry point must name a module, got {entry.value!r}")
    return entry.load()


def _url(distribution: Distribution) -> str:
    """Returns where to report a defect: the project's home page or its first link."""
    pairs = [str(link).partition(", ") for link in distribution.metadata.get_all("Project-URL") or ()]
    links = {name.lower(): url for name, _, url in pairs}
    for name in ("homepage", "repository", "source", "issues"):
        if name in links:
            return links[name]
    return next(iter(links.values()), "")


def _load(plugin: Plugin, load: Callable[[], object], unwanted: Collection[str]) -> Plugin:
    """Takes one plugin through every step; whatever it raises ends as its status."""
    if is_named(plugin, unwanted):
        return plugin.disabled()
    try:
        # What a plugin prints must not end up in the output of a listing.
        with contextlib.redirect_stdout(sys.stderr):
            module = _module(load())
            plugin = attrs.evolve(plugin, location=getattr(module, "__file__", None) or plugin.location)
            plugin = attrs.evolve(plugin, api=_declared_api(plugin, module))
            _check_api(plugin)
            found = declarations(module, plugin.name)
            return attrs.evolve(plugin, components=found.components, bundles=found.bundles, warnings=found.warnings)
    except RejectedError as error:
        return attrs.evolve(plugin, status=error.status, cause=str(error))
    except PluginError as error:
        return attrs.evolve(plugin, status=Status.INVALID, cause=str(error), traceback=traceback.format_exc())
    except BaseException as error:  # SystemExit, and what else means to end the process
        if is_ctrl_c(error):
            raise
        return attrs.evolve(plugin, status=Status.BROKEN, cause=_told(error, plugin), traceback=traceback.format_exc())


def one_line(error: BaseException) -> str:
    """Writes an exception as `Type: first line of its text`; a stranger's exception may fail at that too."""
    try:
        lines = str(error).strip().splitlines()
    except Exception:
        lines = []
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _told(error: BaseException, plugin: Plugin) -> str:
    """Tells an exception in one line; of a file with the line in it, as a syntax error says by itself."""
    told = one_line(error)
    frames = traceback.walk_tb(error.__traceback__)
    lines = [number for frame, number in frames if frame.f_code.co_filename == plugin.location]
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
