"""What an observer of positions asks for besides the positions themselves."""

from typing import Final

import attrs
from attrs import validators

from keisei_core.errors import PluginError


@attrs.frozen(kw_only=True)
class Needs:
    """What planes, or a player, say in an attribute `needs`."""

    history: int = attrs.field(default=0, validator=[validators.instance_of(int), validators.ge(0)])
    """How many earlier positions must come with each, see `keisei_core.shogi.Positions.history`."""


NO_NEEDS: Final = Needs()


def needs_of(observer: object) -> Needs:
    """Returns what planes or a player need: nothing where they do not say.

    Raises:
        PluginError: `needs` is something else than a `Needs`.
    """
    needs: object = getattr(observer, "needs", NO_NEEDS)
    if isinstance(needs, Needs):
        return needs
    cls = type(observer)
    raise PluginError(
        f"needs of {cls.__module__}.{cls.__qualname__} must be a keisei_core.observe.Needs, got {needs!r}; "
        "say e.g. needs = Needs(history=7)"
    )
