"""Finds what NAME means in `keisei plugins show NAME` and `keisei plugins check NAME`."""

from typing import TYPE_CHECKING, NamedTuple

from keisei_core.errors import ConfigError

if TYPE_CHECKING:  # `keisei --help` needs none of them
    from keisei_core.plugins import Choice, Plugin, Registry


class Found(NamedTuple):
    """A plugin and those of its components that were asked for."""

    plugin: "Plugin"
    choices: "tuple[Choice, ...]"


def find(registry: "Registry", name: str | None) -> list[Found]:
    """Finds plugins and components.

    Args:
        registry: where to look.
        name: a distribution, an entry point, a component, or `distribution:` and one of the latter; None means all.

    Raises:
        ConfigError: nothing installed is called so.
    """
    everything = [Found(plugin, _choices(plugin)) for plugin in registry.plugins]
    if name is None:
        return everything
    from keisei_core.config.wording import did_you_mean
    from keisei_core.plugins.selection import is_named

    whole = [found for found in everything if name != "*" and is_named(found.plugin, [name])]
    parts = [Found(found.plugin, _called(found, name)) for found in everything]
    # `resnet` is an entry point and its only component: the plugin's page shows both.
    result = whole or [found for found in parts if found.choices]
    if not result:
        known = [found.plugin.owner.distribution for found in everything]
        known += [choice.name for found in everything for choice in found.choices]
        known += [bundle.name for found in everything for bundle in found.plugin.bundles]
        meant = did_you_mean(name, known) or "; keisei plugins list has all there are"
        raise ConfigError([f"no plugin and no component is called {name!r}{meant}"])
    return result


def _choices(plugin: "Plugin") -> "tuple[Choice, ...]":
    from keisei_core.plugins import Choice

    return tuple(Choice(kind, component, plugin.owner) for kind, component in plugin.components)


def _called(found: Found, name: str) -> "tuple[Choice, ...]":
    """Returns a plugin's components of this name; parts of a bundle of this name."""
    from keisei_core.plugins.bundled import canonical

    distribution, _, own_name = name.rpartition(":")
    if canonical(distribution) not in ("", canonical(found.plugin.owner.distribution)):
        return ()
    parts = {part for bundle in found.plugin.bundles if bundle.name == own_name for part in bundle.parts}
    return tuple(choice for choice in found.choices if choice.name == own_name or choice.name in parts)
