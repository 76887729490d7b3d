"""Finds the plugin in which an exception was raised, and adds to the exception whose it is."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from traceback import walk_tb
from typing import Final

from keisei_core.plugins.plugin import Owner, Plugin
from keisei_core.plugins.registry import Registry, load_registry

CORE: Final = "keisei_core"
ABOVE_PLUGINS: Final = ("keisei_core.run.", "keisei_core.succession.", "keisei_core.cli.")
"""Modules that call plugins and that no plugin calls for itself."""


def blame(error: BaseException, registry: Registry | None = None) -> bool:
    """Adds a note to an exception that was raised in a plugin: which, its version, where, and its project's URL.

    Args:
        error: keeps its traceback; so does what it was raised from, which is looked through too.
        registry: where owners are looked up; None loads what is installed.

    Returns:
        Whether a plugin was found.
    """
    owners = _owners(load_registry() if registry is None else registry)
    note = next(filter(None, (_note(one, owners) for one in _chain(error))), None)
    if note is not None:
        error.add_note(note)
    return note is not None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yields an exception and those it was raised from."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _note(error: BaseException, owners: Mapping[str, Owner]) -> str | None:
    """Writes the note, None where the exception comes from no plugin.

    The innermost frame of a plugin counts, unless the core's own loop runs inside of it, as in a launcher of processes.
    """
    for frame, line in reversed(list(walk_tb(error.__traceback__))):
        module = str(frame.f_globals.get("__name__", ""))
        if f"{module}.".startswith(ABOVE_PLUGINS):
            return None
        owner = owners.get(module.partition(".")[0])
        if owner is not None:
            place = f"{Path(frame.f_code.co_filename).name}:{line} in {frame.f_code.co_name}"
            report = f"; report it at {owner.url}" if owner.url else ""
            return f"raised in plugin {owner} ({module}, {place}){report}"
    return None


def _owners(registry: Registry) -> dict[str, Owner]:
    """Returns whose each top-level package is; the core's is nobody's."""
    packages = {package: plugin.owner for plugin in registry.plugins for package in _packages(plugin)}
    packages.pop(CORE, None)
    return packages


def _packages(plugin: Plugin) -> set[str]:
    targets = [component.target for _, component in plugin.components]
    return {path.partition(".")[0].partition(":")[0] for path in (plugin.module, *targets)}
