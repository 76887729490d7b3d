"""A search that was asked for and is not answered yet."""

import math
from typing import TYPE_CHECKING, Final

from keisei_plugins_usi.engine.order import UNDECIDED, Found, Order

if TYPE_CHECKING:
    from keisei_core.arena import Info


class Running:
    """What a session knows of a search."""

    def __init__(self, order: Order) -> None:
        self.order: Final = order
        self.is_held = order.go.is_ponder or order.go.is_infinite
        """Whether it may not be answered before `stop` or `ponderhit`."""
        self.found: Found | None = None
        self.told: Info | None = None
        """What was told last."""
        self.told_at = -math.inf
        self.heard: Info | None = None
        """What came last."""

    @property
    def is_mate(self) -> bool:
        """Whether a mate is asked for, not a move."""
        return self.order.go.mate is not None

    @property
    def due_at(self) -> float:
        """When it is to be answered whatever was found; infinity: never, or not before something is heard."""
        has_nothing = self.heard is None and not self.is_mate
        return math.inf if self.is_held or self.found or has_nothing else self.order.timer.last_at

    def makeshift(self) -> Found | None:
        """Returns what can be answered before the search has ended; None where there is nothing yet."""
        if self.is_mate:
            return Found(self.order, UNDECIDED)
        if self.heard is None:
            return None
        return Found(self.order, f"bestmove {self.heard.lines[0].moves[0]}", self.heard)
