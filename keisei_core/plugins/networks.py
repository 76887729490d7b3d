"""Networks that come with a plugin under a name: `NAME:`, in every place where the path of a network may stand.

A module of hooks names them in `KEISEI_NETWORKS`, e.g. `{"keisei": "network"}`: each is the folder beside the module
with an exported network. Files of `--plugin` declare none, since nothing stands beside them.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import attrs

from keisei_core.config.wording import did_you_mean
from keisei_core.errors import ConfigError, PluginError
from keisei_core.plugins.bundled import canonical
from keisei_core.plugins.components import NAME_PATTERN
from keisei_core.plugins.plugin import Owner, Status
from keisei_core.plugins.registry import Registry

DECLARED: Final = "KEISEI_NETWORKS"


@attrs.frozen(kw_only=True)
class NamedNetwork:
    """A network that a plugin brings."""

    name: str
    owner: Owner
    folder: Path
    """Of the exported network; what is in it nobody looked at."""

    @property
    def text(self) -> str:
        """What is written for it: `keisei:`, of another's package `distribution:name:`."""
        return f"{self.name}:" if self.owner.is_bundled else f"{self.owner.distribution}:{self.name}:"


def named_networks(registry: Registry) -> Iterator[NamedNetwork]:
    """Yields all networks that the plugins of a registry bring.

    Raises:
        PluginError: what a plugin declares has not the form that it must have.
    """
    for plugin in registry.plugins:
        module = sys.modules.get(plugin.module)
        if plugin.status not in (Status.OK, Status.MEDDLES) or module is None or module.__file__ is None:
            continue
        for name, folder in _declared(getattr(module, DECLARED, {}), plugin.owner).items():
            yield NamedNetwork(name=name, owner=plugin.owner, folder=Path(module.__file__).parent / folder)


def named_network(text: str, registry: Registry) -> NamedNetwork:
    """Finds the network that `NAME:` or `DISTRIBUTION:NAME:` means.

    Raises:
        ConfigError: nobody brings it; told with what there is.
        PluginError: two packages do, none of them Keisei's own.
    """
    distribution, _, name = text.removesuffix(":").rpartition(":")
    every = list(named_networks(registry))
    found = [one for one in every if one.name == name]
    found = [one for one in found if canonical(distribution) in ("", canonical(one.owner.distribution))]
    found = [one for one in found if one.owner.is_bundled] or found
    if len(found) > 1:
        owners = " and ".join(str(one.owner) for one in found)
        raise PluginError(f"network {name!r}: comes with {owners}; write {' or '.join(one.text for one in found)}")
    if not found:
        hint = did_you_mean(name, [one.name for one in every])
        there_is = ", ".join(f"{one.text} ({one.owner})" for one in every) or "none"
        raise ConfigError([f"no plugin brings a network {text!r}{hint or ';'} there is {there_is}"])
    return found[0]


def _declared(networks: object, owner: Owner) -> Mapping[str, str]:
    """Checks what a module of hooks declares."""
    if isinstance(networks, Mapping):
        pairs = {str(name): str(folder) for name, folder in networks.items()}
        if all(re.fullmatch(NAME_PATTERN, name) for name in pairs):
            return pairs
    raise PluginError(f"{owner}: {DECLARED} must be folders by the names of networks, got {networks!r}")
