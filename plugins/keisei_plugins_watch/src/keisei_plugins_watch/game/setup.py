"""What a game begins with, as a page asks for it."""

import random
from collections.abc import Mapping
from typing import Any, Final, Self

import attrs

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.errors import ConfigError
from keisei_core.opinion.position import WrittenPosition
from keisei_core.shogi import Positions
from keisei_plugins_watch.game.course import COLOURS

EITHER: Final = "either"
MOST_SIMULATIONS: Final = 100_000
USUAL: Final = 64
"""Simulations of a search, some tenths of a second."""


@attrs.frozen(kw_only=True)
class Setup:
    """Where a game begins, who plays which side, how far the opponent looks ahead."""

    start: str = "startpos"
    """A name of `NAMED_STARTS`, or SFEN, with moves behind it or without."""
    colour: str = COLOURS[0]
    """Of whoever sits before the page."""
    simulations: int = USUAL
    """Before each move; 0 plays by the policy alone."""

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> Self:
        """Takes what a page sends; what it leaves out is as usual, and either colour is drawn.

        Raises:
            ConfigError: something is not what it may be.
        """
        setup = cls(**{key: asked[key] for key in attrs.fields_dict(cls) if key in asked})
        if setup.colour == EITHER:
            setup = attrs.evolve(setup, colour=random.choice(COLOURS))
        if not isinstance(setup.start, str) or setup.colour not in COLOURS:
            raise ConfigError([f"expected a start in text and one of {', '.join((*COLOURS, EITHER))}, got {asked}"])
        return attrs.evolve(setup, simulations=simulations_in(asked))

    @property
    def name(self) -> str:
        """The name of the start, or nothing where it has none."""
        text = self.start.strip() or "startpos"
        return text if text in NAMED_STARTS else ""

    def position(self) -> tuple[Positions, tuple[str, ...]]:
        """Returns the position that the start names, and the moves behind it.

        Raises:
            SfenError: it is none.
        """
        written = WrittenPosition.parse(self.start)
        return written.start, written.moves


def simulations_in(asked: Mapping[str, Any]) -> int:
    """Returns the simulations that a page asks for, the usual ones where it says nothing.

    Raises:
        ConfigError: they are no number from 0 to `MOST_SIMULATIONS`.
    """
    found = asked.get("simulations", USUAL)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= MOST_SIMULATIONS:
        raise ConfigError([f"expected simulations from 0 to {MOST_SIMULATIONS:,}, got {found!r}"])
    return found
