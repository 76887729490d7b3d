"""Finds the plugin in which an exception was raised, and says whose it is: of one that ends a process unsaid, too."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from traceback import walk_tb
from typing import Final

from keisei_core.errors import PluginError
from keisei_core.plugins.ctrl_c import is_ctrl_c
from keisei_core.plugins.plugin import Owner, Plugin
from keisei_core.plugins.registry import Registry, load_registry
from keisei_core.shown import one_line

CORE: Final = "keisei_core"
ABOVE_PLUGINS: Final = ("keisei_core.run.", "keisei_core.succession.", "keisei_core.cli.")
"""Modules that call plugins and that no plugin calls for itself."""
NO_PLUGINS: Final = frozenset({CORE, "click"})
"""Packages through which a command goes that calls no plugin, as one for help."""


def blame(error: BaseException, registry: Registry | None = None) -> bool:
    """Adds a note to an exception that was raised in a plugin: which, its version, where, and its project's URL.

    Args:
        error: keeps its traceback; so does what it was raised from, which is looked through too.
        registry: where owners are looked up; None loads what is installed.

    Returns:
        Whether a plugin was found.
    """
    note = whose(error, registry)
    if note is not None:
        error.add_note(note)
    return note is not None


def whose(error: BaseException, registry: Registry | None = None) -> str | None:
    """Returns the note that `blame` adds, None where the exception was raised in no plugin."""
    if all(_packages_passed(one) <= NO_PLUGINS for one in _chain(error)):
        return None
    owners = _owners(load_registry() if registry is None else registry)
    return next(filter(None, (_note(one, owners) for one in _chain(error))), None)


@contextmanager
def no_silent_end() -> Iterator[None]:
    """Turns what ends a process without a word into an error that is told: SystemExit and its like, but not Ctrl-C.

    Nothing of the core raises them, so a plugin did, or a library that one calls.

    Raises:
        PluginError: in the place of what was raised, which is its cause.
    """
    try:
        yield
    except Exception:
        raise
    except BaseException as error:
        if is_ctrl_c(error):
            raise
        raise silent_end(error, whose(error)) from error


def silent_end(error: BaseException, note: str | None) -> PluginError:
    """Returns what is told in the place of an exception that ends a process without a word; `note` is `whose` it is."""
    where = note or "raised in no plugin that is known; --debug shows where"
    return PluginError(f"{one_line(error)} would have ended the command without a word; {where}")


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yields an exception and those it was raised from."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)


def _packages_passed(error: BaseException) -> set[str]:
    """Returns the top-level packages of all frames of an exception's traceback."""
    modules = (str(frame.f_globals.get("__name__", "")) for frame, _ in walk_tb(error.__traceback__))
    return {module.partition(".")[0] for module in modules}


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
