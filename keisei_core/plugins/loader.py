"""Loads plugins from entry points and files, each by itself: one that fails is kept with its cause and stops nobody."""

import contextlib
from collections.abc import Collection, Iterable
from functools import partial
from importlib.metadata import Distribution, EntryPoint

import attrs

from keisei_core.plugins.bundled import canonical
from keisei_core.plugins.components import Component
from keisei_core.plugins.declarations import RejectedError
from keisei_core.plugins.entries import module_of
from keisei_core.plugins.guard import Guard
from keisei_core.plugins.installed import UNKNOWN, identity, installed_entries
from keisei_core.plugins.isolation import loaded
from keisei_core.plugins.plugin import Owner, Plugin, Status
from keisei_core.plugins.plugin_file import PluginFile, files_in_use
from keisei_core.plugins.selection import process_lets, takes_part


def load_plugins(
    disable: Collection[str] = (), entries: Iterable[EntryPoint] | None = None, only: Collection[str] = ()
) -> tuple[Plugin, ...]:
    """Loads every installed plugin and the files in use, sorted by distribution and entry point.

    Args:
        disable: distributions, entry points or `distribution:entry` that are not imported.
        entries: None takes those installed.
        only: if any, nothing else is imported but what comes with Keisei and the files in use. The environment
            variables `KEISEI_DISABLE_PLUGINS` and `KEISEI_ONLY_PLUGINS` are obeyed beside both, and so is what the
            config of the present command leaves out (`keisei_core.plugins.selection.keep_to`).
    """
    plugins: dict[tuple[str, str], Plugin] = {}
    with Guard() as guard:
        for entry in installed_entries() if entries is None else entries:
            described = _describe(entry)
            key = (canonical(described.owner.distribution), described.entry)
            # Left-over metadata beside an editable install lists the same plugin twice.
            if key not in plugins and takes_part(described, disable, only) and process_lets(described):
                plugins[key] = loaded(described, partial(_imported, entry), guard)
            plugins.setdefault(key, described.disabled())
        for file in files_in_use():
            plugins[canonical(file.name), file.stem] = _load_file(file, disable, guard)
    return tuple(plugins[key] for key in sorted(plugins))


def load_file(file: PluginFile) -> Plugin:
    """Loads a plugin that is one file; its targets may call the file's module by its stem."""
    with Guard() as guard:
        return _load_file(file, (), guard)


def _load_file(file: PluginFile, disable: Collection[str], guard: Guard) -> Plugin:
    described = Plugin(owner=file.owner, entry=file.stem, module=file.module_name, location=str(file.path))
    if not (takes_part(described, disable) and process_lets(described)):
        return described.disabled()
    plugin = loaded(described, file.module, guard)
    components = tuple((kind, _of_file(component, file)) for kind, component in plugin.components)
    return attrs.evolve(plugin, components=components)


def _of_file(component: Component, file: PluginFile) -> Component:
    options = component.options and file.own_target(component.options)
    return attrs.evolve(component, target=file.own_target(component.target), options=options)


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
