"""What a plugin declares: names and where the things behind them live, as text, so that listing loads nothing heavy."""

import re
from enum import StrEnum
from typing import Any, Final

import attrs

from keisei_core.errors import PluginError
from keisei_core.shown import shown

NAME_PATTERN: Final = r"[a-z][a-z0-9_-]*"
TARGET_PATTERN: Final = r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*"


class Kind(StrEnum):
    """The extension points; the value is the word a user reads."""

    FEATURES = "features"
    MODEL = "model"
    START = "start"
    DECIDER = "decider"
    ALGORITHM = "algorithm"
    OPTIMIZER = "optimizer"
    TEACHER = "teacher"
    PRECISION = "precision"
    DISTRIBUTION = "distribution"
    MIGRATOR = "migrator"
    PLAYER = "player"
    TRACKER = "tracker"
    CALLBACK = "callback"
    COMMAND = "command"


def _line(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
    """Checks a text that stands in listings."""
    if not (isinstance(value, str) and value and value == shown(value)):
        raise PluginError(f"component's {field.name} must be one line of printable text, got {value!r}")


def _matching(pattern: str, form: str) -> Any:
    """Makes a validator for text of a form, e.g. `package.module:attribute`."""

    def check(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
        if not (isinstance(value, str) and re.fullmatch(pattern, value)):
            raise PluginError(f"component's {field.name} must be {form}, got {value!r}")

    return check


_NAME: Final = _matching(NAME_PATTERN, "lower case letters, digits, _ and -, a letter first")
_TARGET: Final = _matching(TARGET_PATTERN, "package.module:attribute")


def _names(_: object, field: "attrs.Attribute[Any]", value: object) -> None:
    """Checks a tuple of names, at least one."""
    if not (isinstance(value, tuple) and value):
        raise PluginError(f"bundle's {field.name} must be a tuple of names, got {value!r}")
    for name in value:
        _NAME(None, field, name)


@attrs.frozen(kw_only=True)
class Component:
    """One named thing that a plugin provides at an extension point.

    Raises:
        PluginError: a field does not have the form it must have.
    """

    name: str = attrs.field(validator=_NAME)
    """The name written in the config; lower case letters, digits, `_` and `-`."""
    target: str = attrs.field(validator=_TARGET)
    """`package.module:attribute` of the thing itself, imported when it is used."""
    summary: str = attrs.field(validator=_line)
    """One line that says what it is."""
    options: str | None = attrs.field(default=None, validator=attrs.validators.optional(_TARGET))
    """`package.module:Class` of a frozen attrs class with the options, in a module that loads no torch;
    None where there are none."""


@attrs.frozen(kw_only=True)
class Bundle:
    """A name for several feature planes of the same plugin, in an order: `all` in `core46+all`.

    Raises:
        PluginError: a field does not have the form it must have.
    """

    name: str = attrs.field(validator=_NAME)
    """The name written in the config."""
    parts: tuple[str, ...] = attrs.field(validator=_names)
    """Names of the plugin's own feature planes, in the order of their channels."""
    summary: str = attrs.field(validator=_line)
    """One line that says what it is."""
