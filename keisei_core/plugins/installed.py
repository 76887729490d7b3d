"""What the metadata of installed packages says, damaged or not: entry points, names, versions.

Everybody's metadata is read, so anybody's may be damaged: half removed, no UTF-8, edited by hand. What can't be read is
told of once, with its file, and left out; a name and a version are then taken from the name of the folder.

Libraries read the entry points of all packages too, torch when it is imported, numba when it compiles, and fail over
one that can't be read. Such a package is therefore hidden from them in this process, once it is found.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import Distribution, EntryPoint, MetadataPathFinder, distributions
from pathlib import Path
from typing import Any, Final, NamedTuple

from keisei_core.plugins.bundled import canonical
from keisei_core.plugins.notices import warn_once
from keisei_core.shown import one_line

GROUP: Final = "keisei"
"""The entry-point group; the value names a light module with hook implementations."""
ENTRY_POINTS: Final = "entry_points.txt"
CARDS: Final = ("METADATA", "PKG-INFO")
"""The files with name and version, of a wheel and of an egg."""
UNKNOWN: Final = "unknown"
_HIDDEN: Final[set[Path]] = set()
_find_distributions = MetadataPathFinder.find_distributions


class Identity(NamedTuple):
    """What a distribution is called, and its version."""

    name: str
    version: str


def installed_entries() -> list[EntryPoint]:
    """Returns the entry points of the group `keisei`; of two distributions of one name those of the first found."""
    found: dict[str, list[EntryPoint]] = {}
    for distribution in distributions():
        place = _place(distribution)
        found.setdefault(_named_by(place).name, _entries(distribution, place))
    return [entry for entries in found.values() for entry in entries]


def hide_damaged() -> None:
    """Looks for entry points that can't be read, before a library does that would fail over them."""
    installed_entries()


def installed_versions() -> dict[str, str]:
    """Returns the version of every installed distribution, sorted by name."""
    return dict(sorted(identity(distribution) for distribution in distributions()))


def is_installed(name: str) -> bool:
    """Tells whether a distribution of this name is installed."""
    return canonical(name) in {_named_by(_place(distribution)).name for distribution in distributions()}


def identity(distribution: Distribution) -> Identity:
    """Returns name and version as the metadata has them, else as the folder is called."""
    place = _place(distribution)
    with _told_of(next((place / card for card in CARDS if (place / card).exists()), place / CARDS[0])):
        card = distribution.metadata
        fields = [card.get_all(field) for field in Identity._fields]
        if all(fields):
            return Identity(*(str(values[0]) for values in fields if values))
        raise ValueError(f"no {'Version' if fields[0] else 'Name'}")
    return _named_by(place)


def _entries(distribution: Distribution, place: Path) -> list[EntryPoint]:
    with _told_of(place / ENTRY_POINTS):
        return [entry for entry in distribution.entry_points if entry.group == GROUP]
    _HIDDEN.add(place)
    MetadataPathFinder.find_distributions = _undamaged
    return []


def _undamaged(*arguments: Any, **named: Any) -> Iterator[Distribution]:
    """Finds what `importlib.metadata` finds, but for what is hidden."""
    return (found for found in _find_distributions(*arguments, **named) if _place(found) not in _HIDDEN)


@contextmanager
def _told_of(file: Path) -> Iterator[None]:
    """Warns of a file that can't be read, once, and goes on; a file of anybody may raise anything."""
    try:
        yield
    except Exception as error:
        warn_once(f"{file}: can't be read ({one_line(error)}); install its package again, or remove what is left of it")


def _place(distribution: Distribution) -> Path:
    """Returns the folder of a distribution's metadata."""
    place: Path = getattr(distribution, "_path", None) or Path(str(distribution.locate_file("")))  # no public name
    return place


def _named_by(place: Path) -> Identity:
    """Returns name and version as a folder `name-version.dist-info` has them."""
    stem = place.name.removesuffix(".dist-info").removesuffix(".egg-info")
    name, _, rest = stem.partition("-")
    return Identity(canonical(name) or UNKNOWN, rest.partition("-py")[0] or UNKNOWN)
