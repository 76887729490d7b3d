"""Every component by kind and name, and the answer to a name that is unknown or that two packages have."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint
from typing import Final

import attrs

from keisei_core.config.wording import did_you_mean, nearest
from keisei_core.errors import ConfigError, PluginError
from keisei_core.plugins.choice import Choice
from keisei_core.plugins.components import Kind
from keisei_core.plugins.loader import canonical, is_named, load_plugins
from keisei_core.plugins.plugin import Plugin, Status

_NOUNS: Final[Mapping[Kind, str]] = {Kind.FEATURES: "feature planes"}


def load_registry(disable: Collection[str] = (), entries: Iterable[EntryPoint] | None = None) -> "Registry":
    """Loads every installed plugin; see `keisei_core.plugins.loader.load_plugins`."""
    return Registry(load_plugins(disable, entries))


@attrs.frozen
class Registry:
    """The plugins of this process."""

    plugins: tuple[Plugin, ...]

    @property
    def failed(self) -> tuple[Plugin, ...]:
        """The plugins that should have loaded and did not."""
        return tuple(plugin for plugin in self.plugins if plugin.failed)

    def without(self, disable: Collection[str]) -> "Registry":
        """Returns a registry in which these plugins (see `load_plugins`) take no part."""
        return Registry(tuple(plugin.disabled() if is_named(plugin, disable) else plugin for plugin in self.plugins))

    def choices(self, kind: Kind) -> Iterator[Choice]:
        """Yields every component of a kind, without options, in the order of `plugins list`."""
        for plugin in self.plugins:
            for its_kind, component in plugin.components:
                if its_kind is kind:
                    yield Choice(kind, component, plugin.owner, component.name)

    def owners(self, kind: Kind, name: str) -> tuple[str, ...]:
        """Returns the plugins that provide a name."""
        return tuple(plugin.name for plugin in self.plugins for entry in plugin.provided() if entry[:2] == (kind, name))

    def resolve(self, kind: Kind, reference: str) -> Choice:
        """Finds the one component that `name` or `distribution:name` means.

        Raises:
            ConfigError: nobody provides it, or two packages do.
            PluginError: nobody provides it, and a plugin that may be the one meant failed to load.
        """
        distribution, _, name = reference.rpartition(":")
        found = [choice for choice in self.choices(kind) if choice.name == name]
        if distribution:
            found = [choice for choice in found if canonical(choice.owner.distribution) == canonical(distribution)]
        if len(found) == 1:
            return attrs.evolve(found[0], reference=reference)
        if found:
            raise ConfigError([_ambiguous(reference, [choice.owner.distribution for choice in found])])
        raise self._unknown(kind, reference)

    def resolve_features(self, text: str) -> tuple[Choice, ...]:
        """Finds the planes that a sum of names means, bundles taken apart, in the order written.

        Raises:
            ConfigError: a name is unknown, ambiguous, empty, or stands twice; all problems at once.
            PluginError: a name is unknown and a plugin that may be the one meant failed to load.
        """
        chosen: dict[tuple[str, str], Choice] = {}
        problems: list[ConfigError | PluginError] = []
        for term in (part.strip() for part in text.split("+")):
            try:
                for choice in self._planes(term):
                    key = (choice.owner.distribution, choice.name)
                    if key in chosen:
                        raise ConfigError([f"feature planes {choice.name!r} stand twice in {text!r}"])
                    chosen[key] = choice
            except (ConfigError, PluginError) as error:
                problems.append(error)
        if problems:
            cls = PluginError if any(isinstance(error, PluginError) for error in problems) else ConfigError
            texts = [str(error) for error in problems]
            raise PluginError("\n".join(texts)) if cls is PluginError else ConfigError(texts)
        return tuple(chosen.values())

    def _planes(self, term: str) -> tuple[Choice, ...]:
        """Finds the planes of one term of a sum."""
        if not term:
            raise ConfigError(
                [f"expected names joined by +, got an empty one; available: {self._available(Kind.FEATURES)}"]
            )
        distribution, _, name = term.rpartition(":")
        bundles = [
            (plugin, bundle)
            for plugin in self.plugins
            for bundle in plugin.bundles
            if bundle.name == name and canonical(distribution) in ("", canonical(plugin.owner.distribution))
        ]
        if not bundles or any(choice.name == name for choice in self.choices(Kind.FEATURES)):
            return (self.resolve(Kind.FEATURES, term),)
        if len(bundles) > 1:
            raise ConfigError([_ambiguous(term, [plugin.owner.distribution for plugin, _ in bundles])])
        plugin, bundle = bundles[0]
        prefix = f"{distribution}:" if distribution else ""
        own = {component.name: component for kind, component in plugin.components if kind is Kind.FEATURES}
        return tuple(Choice(Kind.FEATURES, own[part], plugin.owner, f"{prefix}{part}") for part in bundle.parts)

    def _names(self, kind: Kind) -> list[str]:
        return [name for plugin in self.plugins for its_kind, name, _ in plugin.provided() if its_kind is kind]

    def _available(self, kind: Kind) -> str:
        """Lists all names of a kind with the packages they come from."""
        offers = []
        for plugin in self.plugins:
            names = [name for its_kind, name, _ in plugin.provided() if its_kind is kind]
            offers += [f"{', '.join(names)} ({plugin.owner})"] if names else []
        return "; ".join(offers) or "none"

    def _unknown(self, kind: Kind, reference: str) -> ConfigError | PluginError:
        """Makes the error for a name nobody provides, with all that may help."""
        names = self._names(kind)
        name = reference.rpartition(":")[2]
        unknown = f"unknown {_NOUNS.get(kind, kind)} {reference!r}{did_you_mean(name, names)}"
        lines = [f"{unknown}{' ' if unknown.endswith('?') else '; '}available: {self._available(kind)}"]
        lines += [f"  not loaded: {plugin.name} {plugin.owner.version}: {plugin.cause}" for plugin in self.failed]
        disabled = [plugin.name for plugin in self.plugins if plugin.status is Status.DISABLED]
        lines += [f"  disabled: {', '.join(disabled)}"] if disabled else []
        # What a plugin that failed would have provided can't be known; a near name says it was a slip of the pen.
        is_lost = bool(self.failed) and nearest(name, names) is None
        return PluginError("\n".join(lines)) if is_lost else ConfigError(["\n".join(lines)])


def _ambiguous(reference: str, distributions: list[str]) -> str:
    """Says that a name has several owners and how to choose."""
    return f"{reference!r} is provided by {' and '.join(distributions)}; write '{distributions[0]}:{reference}'"
