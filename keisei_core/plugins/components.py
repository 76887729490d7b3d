"""What a plugin declares: names and where the things behind them live, as text, so that listing loads nothing heavy."""

from enum import StrEnum
from typing import Final

import attrs
from attrs import validators

NAME_PATTERN: Final = r"[a-z][a-z0-9_-]*"
TARGET_PATTERN: Final = r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*"


class Kind(StrEnum):
    """The extension points; the value is the word a user reads."""

    FEATURES = "features"
    MODEL = "model"
    PRECISION = "precision"
    DISTRIBUTION = "distribution"
    PLAYER = "player"
    TRACKER = "tracker"


@attrs.frozen(kw_only=True)
class Component:
    """One named thing that a plugin provides at an extension point."""

    name: str = attrs.field(validator=validators.matches_re(NAME_PATTERN))
    """The name written in the config; lower case letters, digits, `_` and `-`."""
    target: str = attrs.field(validator=validators.matches_re(TARGET_PATTERN))
    """`package.module:attribute` of the thing itself, imported when it is used."""
    summary: str = attrs.field(validator=[validators.instance_of(str), validators.min_len(1)])
    """One line that says what it is."""
    options: str | None = attrs.field(
        default=None, validator=validators.optional(validators.matches_re(TARGET_PATTERN))
    )
    """`package.module:Class` of a frozen attrs class with the options, in a module that loads no torch;
    None where there are none."""
