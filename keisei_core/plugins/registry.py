"""Every component by kind and name, and the answer to a name that is unknown or that two packages have."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint
from typing import Final

import attrs

from keisei_core.config.wording import did_you_mean, nearest
from keisei_core.errors import ConfigError, PluginError
from keisei_core.plugins.bundled import canonical
from keisei_core.plugins.choice import Choice
from keisei_core.plugins.components import Kind
from keisei_core.plugins.loader import load_file, load_plugins
from keisei_core.plugins.notices import warn_once
from keisei_core.plugins.plugin import Plugin, Status
from keisei_core.plugins.plugin_file import PluginFile
from keisei_core.plugins.selection import takes_part

_NOUNS: Final[Mapping[Kind, str]] = {Kind.FEATURES: "feature planes"}


def load_registry(
    disable: Collection[str] = (), entries: Iterable[EntryPoint] | None = None, only: Collection[str] = ()
) -> "Registry":
    """Loads every installed plugin and the files in use; see `keisei_core.plugins.loader.load_plugins`."""
    return Registry(load_plugins(disable, entries, only))


@attrs.frozen
class Registry:
    """The plugins of this process."""

    plugins: tuple[Plugin, ...]

    @property
    def failed(self) -> tuple[Plugin, ...]:
        """The plugins that should have loaded and did not."""
        return tuple(plugin for plugin in self.plugins if plugin.failed)

    def without(self, disable: Collection[str], only: Collection[str] = ()) -> "Registry":
        """Returns a registry in which some plugins (see `load_plugins`) take no part."""
        parts = (plugin if takes_part(plugin, disable, only) else plugin.disabled() for plugin in self.plugins)
        return Registry(tuple(parts))

    def with_files(self, files: Iterable[PluginFile]) -> "Registry":
        """Returns a registry in which files are loaded, each in the place of another of its name.

        Raises:
            PluginError: one does not load.
        """
        plugins = {plugin.name: plugin for plugin in self.plugins}
        for plugin in map(load_file, files):
            if plugin.failed:
                raise PluginError(plugin.story())
            plugins[plugin.name] = plugin
        return Registry(tuple(plugins.values()))

    def choices(self, kind: Kind) -> Iterator[Choice]:
        """Yields every component of a kind, without options, in the order of `plugins list`."""
        for plugin in self.plugins:
            for its_kind, component in plugin.components:
                if its_kind is kind:
                    yield Choice(kind, component, plugin.owner)

    def owners(self, kind: Kind, name: str) -> tuple[str, ...]:
        """Returns the plugins that provide a name."""
        return tuple(plugin.name for plugin in self._providing(kind, name))

    def reference(self, kind: Kind, name: str, plugin: Plugin) -> str:
        """Returns what must be written for a name that a plugin provides: the name, or `distribution:name`."""
        own = self._chosen(self._providing(kind, name))
        return name if own == [plugin] else f"{plugin.owner.distribution}:{name}"

    def _chosen(self, providing: list[Plugin]) -> list[Plugin]:
        """Returns whose a plain name is: Keisei's own where it has it, whoever else does."""
        return [plugin for plugin in providing if plugin.owner.is_bundled] or providing

    def _providing(self, kind: Kind, name: str, distribution: str = "") -> list[Plugin]:
        """Returns the plugins that provide a name, of one distribution if it is given."""
        own = [plugin for plugin in self.plugins if plugin.provides(kind, name)]
        return [plugin for plugin in own if canonical(distribution) in ("", canonical(plugin.owner.distribution))]

    def resolve(self, kind: Kind, reference: str) -> Choice:
        """Finds the one component that `name` or `distribution:name` means, and warns of others that have its name.

        Raises:
            ConfigError: nobody provides it.
            PluginError: two packages do, none of them Keisei's own; or nobody, and a plugin that may be the one meant
                failed to load.
        """
        choice = self.find(kind, reference)
        self._warn_of_others(kind, reference)
        return choice

    def find(self, kind: Kind, reference: str) -> Choice:
        """Finds what `resolve` finds, raises what it raises, and warns of nothing."""
        name = reference.rpartition(":")[2]
        plugin = self._owner(kind, reference)
        own = [component for its_kind, component in plugin.components if (its_kind, component.name) == (kind, name)]
        if not own:  # a bundle of planes
            raise self._unknown(kind, reference)
        return Choice(kind, own[0], plugin.owner)

    def _owner(self, kind: Kind, reference: str) -> Plugin:
        """Finds the one plugin that a reference is of; raises as `resolve`."""
        distribution, _, name = reference.rpartition(":")
        chosen = self._chosen(self._providing(kind, name, distribution))
        if not chosen:
            raise self._unknown(kind, reference)
        if len(chosen) > 1:
            raise PluginError(self._ambiguous(kind, name))
        return chosen[0]

    def _warn_of_others(self, kind: Kind, reference: str) -> None:
        """Says whose a plain name of Keisei's own is, where another package has it too, and how to have the other."""
        distribution, _, name = reference.rpartition(":")
        others = [plugin.owner for plugin in self._providing(kind, name) if not plugin.owner.is_bundled]
        if distribution or not others or len(others) == len(self._providing(kind, name)):
            return
        noun, owner = _NOUNS.get(kind, kind), self._owner(kind, name).owner
        for other in others:
            told = f"{noun} {name!r} means that of {owner}; {other} has one too: write {other.distribution}:{name}"
            warn_once(told)

    def resolve_features(self, text: str) -> tuple[Choice, ...]:
        """Finds the planes that a sum of names means, bundles taken apart, in the order written.

        Raises:
            ConfigError: a name is unknown, empty, or stands twice; all problems at once.
            PluginError: two packages provide a name, none of them Keisei's own; or it is unknown, and a plugin that
                may be the one meant failed to load.
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
        name = term.rpartition(":")[2]
        plugin = self._owner(Kind.FEATURES, term)
        bundle = next((bundle for bundle in plugin.bundles if bundle.name == name), None)
        if bundle is None:
            return (self.resolve(Kind.FEATURES, term),)
        self._warn_of_others(Kind.FEATURES, term)
        own = {component.name: component for kind, component in plugin.components if kind is Kind.FEATURES}
        return tuple(Choice(Kind.FEATURES, own[part], plugin.owner) for part in bundle.parts)

    def _names(self, kind: Kind) -> list[str]:
        return [name for plugin in self.plugins for its_kind, name, _ in plugin.provided() if its_kind is kind]

    def _available(self, kind: Kind) -> str:
        """Lists all names of a kind with the packages they come from."""
        offers = []
        for plugin in self.plugins:
            names = [name for its_kind, name, _ in plugin.provided() if its_kind is kind]
            offers += [f"{', '.join(names)} ({plugin.owner})"] if names else []
        return "; ".join(offers) or "none"

    def _ambiguous(self, kind: Kind, name: str) -> str:
        """Says that a name has several owners, who they are, and how to choose."""
        owners = self._providing(kind, name)
        distributions = list(dict.fromkeys(plugin.owner.distribution for plugin in owners))
        provided = " and ".join(f"{plugin.owner} ({plugin.module})" for plugin in owners)
        if len(distributions) > 1:
            remedy = "write " + " or ".join(f"'{distribution}:{name}'" for distribution in distributions)
        else:
            remedy = f'keep one of its entry points: [plugins] disable = ["{owners[-1].name}"]'
        return f"{_NOUNS.get(kind, kind)} {name!r}: provided by {provided}; {remedy}"

    def _unknown(self, kind: Kind, reference: str) -> ConfigError | PluginError:
        """Makes the error for a name nobody provides, with all that may help."""
        names = self._names(kind)
        distribution, _, name = reference.rpartition(":")
        unknown = f"unknown {_NOUNS.get(kind, kind)} {reference!r}{did_you_mean(name, names)}"
        lines = [f"{unknown}{' ' if unknown.endswith('?') else '; '}available: {self._available(kind)}"]
        lines += [f"  not loaded: {plugin.story()}" for plugin in self.failed]
        disabled = [plugin.name for plugin in self.plugins if plugin.status is Status.DISABLED]
        lines += [f"  disabled: {', '.join(disabled)}"] if disabled else []
        # What a plugin that failed would have provided can't be known; a near name says it was a slip of the pen.
        is_lost = bool(self.failed) and nearest(name, names) is None
        is_named_so = any(_may_provide(plugin, distribution, name) for plugin in self.failed)
        return PluginError("\n".join(lines)) if is_lost or is_named_so else ConfigError(["\n".join(lines)])


def _may_provide(plugin: Plugin, distribution: str, name: str) -> bool:
    """Tells whether a plugin that did not load is called like what is looked for."""
    own = canonical(plugin.owner.distribution)
    if distribution:
        return canonical(distribution) == own
    return name == plugin.entry or own.endswith(f"-{canonical(name)}")
