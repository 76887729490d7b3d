"""What a channel of the observation is called, and how its stored numbers turn into what the network sees."""

import math
from typing import Any, Final

import attrs
from attrs import validators

CHANNEL_NAME_PATTERN: Final = r"[a-z][a-z0-9_]*"


def _usable_scale(_: object, field: "attrs.Attribute[Any]", value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"channel scale must be a finite number above 0, got {value!r}")


@attrs.frozen
class Channel:
    """One plane of the observation. Its name travels with every checkpoint, so it never changes its meaning."""

    name: str = attrs.field(validator=validators.matches_re(CHANNEL_NAME_PATTERN))
    """Lower case letters, digits and `_`; unique among all channels of a run."""
    scale: float = attrs.field(default=1.0, validator=_usable_scale)
    """The network sees stored uint8 x scale."""


@attrs.frozen(kw_only=True)
class PlaneContext:
    """What planes may depend on besides the position; every planes plugin is built with one."""

    max_plies: int = attrs.field(validator=validators.ge(1))
    """Plies after which a game is cut off."""
