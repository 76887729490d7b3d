"""How a start of games is written: an SFEN, the name of a position, or a component `NAME:key=value,key=value`."""

import re
from typing import Final

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.config.wording import did_you_mean, nearest
from keisei_core.errors import ConfigError
from keisei_core.plugins.choice import Choice
from keisei_core.plugins.component_text import choice_with, split_text
from keisei_core.plugins.components import Kind
from keisei_core.plugins.registry import Registry

NAME: Final = re.compile(r"[\w.:-]+")
"""What may be the name of a component; an SFEN has slashes."""


def start_of(text: str, registry: Registry) -> str | Choice:
    """Finds what the text of a start means.

    Returns:
        The component with its options, or the text itself where it is the name of a position or an SFEN, which is not
        read here.

    Raises:
        ConfigError: it is a name that nobody has, or its options are wrong.
        PluginError: its plugin fails.
    """
    name, options = split_text(text, Kind.START)
    if (name in NAMED_STARTS and not options) or not NAME.fullmatch(name):
        return text.strip()
    if not options and _is_slip(name, registry):
        hint, named = did_you_mean(name, NAMED_STARTS), ", ".join(NAMED_STARTS)
        raise ConfigError([f"starts: expected an SFEN or a name, got {text!r}{hint} write an SFEN or one of {named}"])
    return choice_with(text, Kind.START, name, options, registry)


def _is_slip(name: str, registry: Registry) -> bool:
    """Tells whether a name that nobody has was meant as that of a position."""
    names = [choice.name for choice in registry.choices(Kind.START)]
    return name.rpartition(":")[2] not in names and nearest(name, [*NAMED_STARTS, *names]) in NAMED_STARTS
