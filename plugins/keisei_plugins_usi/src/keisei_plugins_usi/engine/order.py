"""What the session asks of the searcher, and what it hears: one message each way. Loads nothing heavy."""

from typing import TYPE_CHECKING, Final

import attrs

from keisei_plugins_usi.engine.said import Go, Place
from keisei_plugins_usi.engine.timer import Timer

if TYPE_CHECKING:
    from keisei_core.arena import Info

RESIGN: Final = "bestmove resign"
WIN: Final = "bestmove win"
UNDECIDED: Final = "checkmate timeout"


@attrs.frozen
class Load:
    """Asks for the player, made with such options."""

    values: dict[str, str]


@attrs.frozen(kw_only=True, eq=False)
class Order:
    """Asks for a move, or for a mate."""

    place: Place
    go: Go
    timer: Timer
    values: dict[str, str]
    """What the player is made with."""
    lines: int
    """Of play that are told of at most."""
    max_nodes: int
    """Positions looked at; 0: as many as there is time for."""
    max_depth: int
    """Plies of the first line after which it ends; 0: no matter."""
    least_ms: int
    """Before which it is not answered."""
    max_plies: int
    """After which the game is a draw; 0: never."""
    may_declare: bool
    resigns_at: int
    """Centipawns that are lost when it gives up."""
    centipawns: int
    """Of a ratio of e to 1 between winning and losing."""


@attrs.frozen
class Loaded:
    """The player is there, or why not."""

    problem: str = ""


@attrs.frozen(eq=False)
class Told:
    """How far a search is."""

    order: Order
    info: "Info"


@attrs.frozen(eq=False)
class Found:
    """What came of it."""

    order: Order
    line: str
    """`bestmove ...` or `checkmate ...`."""
    info: "Info | None" = None
    """As it was at the end."""
    problem: str = ""
    """What went wrong on the way; "" if nothing."""


Job = Load | Order
News = Loaded | Told | Found
