"""The plugins that a checkpoint was made with, beside those that are installed now."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from keisei_core.errors import ConfigError, PluginError
from keisei_core.plugins.loader import canonical
from keisei_core.plugins.registry import Registry, load_registry

Row = Mapping[str, str]
"""kind, name, distribution, version: one part of a run and where it came from, as checkpoints record it."""


@contextmanager
def made_with(recorded: Callable[[], Iterable[Row]], registry: Registry | None = None) -> Iterator[None]:
    """Says what to install where a config can't be read because a plugin is gone that a checkpoint was made with.

    Args:
        recorded: returns the checkpoint's rows; asked only where something is wrong.
        registry: the plugins of this process; None loads what is installed.

    Raises:
        PluginError: in the place of the error inside, with what to install before it.
    """
    try:
        yield
    except (ConfigError, PluginError) as error:
        missing = list(what_to_install(recorded(), load_registry() if registry is None else registry))
        if not missing:
            raise
        raise PluginError("\n".join([*missing, str(error)])) from error


def what_to_install(recorded: Iterable[Row], registry: Registry) -> Iterator[str]:
    """Yields a line for every distribution that a checkpoint was made with and that is not installed."""
    installed = {canonical(plugin.owner.distribution) for plugin in registry.plugins}
    for (distribution, version), parts in _by_owner(recorded).items():
        if canonical(distribution) not in installed:
            yield (
                f"made with {distribution} {version} ({', '.join(parts)}), which is not installed; "
                f"pip install '{distribution}=={version}'"
            )


def other_versions(recorded: Iterable[Row], registry: Registry) -> Iterator[str]:
    """Yields a line for every distribution that is installed in another version than a checkpoint was made with."""
    installed = {canonical(plugin.owner.distribution): plugin.owner.version for plugin in registry.plugins}
    for (distribution, version), parts in _by_owner(recorded).items():
        now = installed.get(canonical(distribution), version)
        if now != version:
            yield f"made with {distribution} {version} ({', '.join(parts)}), goes on with {now}"


def _by_owner(recorded: Iterable[Row]) -> dict[tuple[str, str], list[str]]:
    """Groups the parts by distribution and version."""
    parts: dict[tuple[str, str], list[str]] = {}
    for row in recorded:
        parts.setdefault((row["distribution"], row["version"]), []).append(f"{row['kind']} {row['name']}")
    return parts
