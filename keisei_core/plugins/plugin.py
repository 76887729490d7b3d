"""One installed plugin, loaded or not: who made it, what became of it, what it provides."""

from enum import StrEnum

import attrs

from keisei_core.plugins.bundled import BUNDLED, canonical
from keisei_core.plugins.components import Bundle, Component, Kind
from keisei_core.shown import shown


class Status(StrEnum):
    """What became of a plugin when it was loaded."""

    OK = "ok"
    MEDDLES = "meddles"
    """Loaded, but changed the process beside itself; what can be put back was, and it is told as a warning."""
    DISABLED = "disabled"
    """Left out by `[plugins] disable` or `only`, or by the environment; never imported."""
    INCOMPATIBLE = "incompatible"
    """Written for another version of the hooks."""
    BROKEN = "broken"
    """Failed while it was imported or asked what it provides."""
    INVALID = "invalid"
    """Imports, but breaks a rule of the extension surface."""


@attrs.frozen
class Owner:
    """The package a component comes from, or the file."""

    distribution: str = attrs.field(converter=shown)
    """Of a file its name: `idea.py`. Metadata say anything."""
    version: str = attrs.field(converter=shown)
    """Of a file the beginning of its SHA-256."""
    url: str = attrs.field(default="", converter=shown)
    sha256: str = ""
    """Of a file; empty for a package."""

    @property
    def is_bundled(self) -> bool:
        """True for what comes with Keisei."""
        return canonical(self.distribution) in BUNDLED

    def __str__(self) -> str:
        return f"{self.distribution} {self.version}"


@attrs.frozen(kw_only=True)
class Plugin:
    """One entry point of the group `keisei`, or one file that was asked for."""

    owner: Owner
    entry: str = attrs.field(converter=shown)
    """The entry point's name, unique within its distribution."""
    module: str = attrs.field(converter=shown)
    """The module it names."""
    status: Status = Status.OK
    api: tuple[int, int] | None = None
    """Version of the hooks it was written for; None where it could not be read."""
    cause: str = ""
    """Why it is not ok, in one line."""
    traceback: str = attrs.field(default="", eq=False, repr=False)
    """The whole story behind `cause`, where there was an exception."""
    location: str = attrs.field(default="", eq=False)
    """The file of the module, or the folder of the distribution where it was not imported."""
    is_editable: bool = attrs.field(default=False, eq=False)
    components: tuple[tuple[Kind, Component], ...] = ()
    bundles: tuple[Bundle, ...] = ()
    warnings: tuple[str, ...] = ()
    """What its author should hear though it loads, a line each: hooks that will go, names that are not free."""

    @property
    def name(self) -> str:
        """`distribution:entry`, unique among all plugins."""
        return f"{self.owner.distribution}:{self.entry}"

    @property
    def failed(self) -> bool:
        """True where it should have loaded and did not."""
        return self.status not in (Status.OK, Status.MEDDLES, Status.DISABLED)

    def story(self) -> str:
        """Says in one line who failed where and why."""
        return f"{self.name} {self.owner.version} ({self.module}) is {self.status}: {self.cause}"

    def provided(self) -> tuple[tuple[Kind, str, str], ...]:
        """Returns (kind, name, summary) of all it provides, bundles after the planes they are made of."""
        components = [(kind, component.name, component.summary) for kind, component in self.components]
        bundles = [(Kind.FEATURES, bundle.name, bundle.summary) for bundle in self.bundles]
        return tuple(sorted((*components, *bundles), key=lambda entry: list(Kind).index(entry[0])))

    def provides(self, kind: Kind, name: str) -> bool:
        """Tells whether a component or bundle of this kind is called so."""
        is_bundle = kind is Kind.FEATURES and any(bundle.name == name for bundle in self.bundles)
        return is_bundle or any(own is kind and component.name == name for own, component in self.components)

    def disabled(self) -> "Plugin":
        """Returns this plugin as one that takes no part."""
        return attrs.evolve(self, status=Status.DISABLED, cause="", components=(), bundles=(), warnings=())
