"""Declares settings: default, meaning and range in one line. For the core's tables and for plugins' options."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import attrs

from keisei_core.config.wording import as_toml

T = TypeVar("T")
Check = Callable[[Any, Any, Any], None]
"""A validator of attrs: `(instance, attribute, value)`, raises ValueError."""
NETWORK: Final = "network"
"""In a field's metadata: its value is the path of a trained network."""
CHECKS: Final = "checks"
"""In a field's metadata: its checks."""
BEHIND_NAME: Final = "behind_name"
"""In a field's metadata: its value may be written right behind the component's name."""
TABLE: Final = "table"
"""In a field's metadata: the table of the config that its value is."""


def setting(default: T, meaning: str, *checks: Check) -> T:
    """Declares a key of a table.

    Args:
        default: taken where the key is absent.
        meaning: one line, with the unit; shown by `--help` and in the documents.
        checks: each raises ValueError on a wrong value.
    """
    metadata = {"help": meaning, CHECKS: checks}
    field: T = attrs.field(default=default, validator=list(checks) or None, metadata=metadata)
    return field


def network_path(meaning: str) -> str:
    """Declares a key that is the path of a trained network, "" where none is given.

    In a player's options it makes the player one of that network: the newest checkpoint of a run is pinned when a match
    begins, and the digest of its weights stands in the player's name.
    """
    field: str = attrs.field(default="", metadata={"help": meaning, NETWORK: True})
    return field


def stands_behind_name(meaning: str) -> str:
    """Declares a key that may be written without its name: with a key `engine`, `usi:fairy` is `usi:engine=fairy`."""
    field: str = attrs.field(default="", metadata={"help": meaning, BEHIND_NAME: True})
    return field


def key_behind_name(cls: type) -> str | None:
    """Returns the key of a component's options that may be written without its name; None where there is none."""
    return next((field.name for field in attrs.fields(cls) if field.metadata.get(BEHIND_NAME)), None)


def from_table(table: str, *checks: Check) -> Any:
    """Declares a key that is a table of the config by itself, whoever is configured: all its `[TABLE.NAME]`, by name.

    The key's type is a dict of attrs classes, each of which is read as options are. It is empty where no config is
    read or the config has no such table, and is never written beside the component's name.

    Args:
        table: its name.
        checks: of the dict beside the other options; see `setting`.
    """
    meaning = f"all [{table}.NAME] of the config; no key beside the component's name"
    return attrs.field(factory=dict, validator=list(checks) or None, metadata={"help": meaning, TABLE: table})


def table_keys(cls: type) -> dict[str, str]:
    """Returns the tables of the config that a component's options want, by the key that each is the value of."""
    return {field.name: field.metadata[TABLE] for field in attrs.fields(cls) if TABLE in field.metadata}


def network_keys(cls: type) -> tuple[str, ...]:
    """Returns the keys of a table, or of a component's options, that are paths of networks."""
    return tuple(field.name for field in attrs.fields(cls) if field.metadata.get(NETWORK))


@attrs.frozen
class Bounds:
    """What a key may be, as far as its checks say so in numbers or words."""

    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


def bounds_of(field: "attrs.Attribute[Any]") -> Bounds:
    """Returns what the checks of a key allow; for who offers it elsewhere than in a file."""
    bounds = Bounds()
    for check in field.metadata.get(CHECKS, ()):
        bounds = attrs.evolve(bounds, **getattr(check, "bounds", {}))
    return bounds


@attrs.frozen
class _Range:
    """A validator that says what was wanted and what came."""

    accepts: Callable[[Any], bool]
    wanted: str
    bounds: dict[str, Any] = attrs.field(factory=dict)
    """Fields of `Bounds` that it says."""

    def __call__(self, _: object, field: "attrs.Attribute[Any]", value: object) -> None:
        if not self.accepts(value):
            raise ValueError(f"must be {self.wanted}, got {as_toml(value)}")


def at_least(low: float) -> Check:
    """Checks value >= low."""
    return _Range(lambda value: value >= low, f"at least {low}", {"low": low})


def above(low: float) -> Check:
    """Checks value > low."""
    return _Range(lambda value: value > low, f"greater than {low}")


def at_most(high: float) -> Check:
    """Checks value <= high."""
    return _Range(lambda value: value <= high, f"at most {high}", {"high": high})


def one_of(*allowed: str) -> Check:
    """Checks that value is one of a few words."""
    return _Range(lambda value: value in allowed, f"one of {', '.join(allowed)}", {"choices": allowed})


def not_empty() -> Check:
    """Checks that a list has something in it."""
    return _Range(lambda value: len(value) > 0, "a list with at least one entry")


def even() -> Check:
    """Checks that value is divisible by two."""
    return _Range(lambda value: value % 2 == 0, "an even number")
