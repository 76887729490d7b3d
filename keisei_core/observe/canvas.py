"""An array for planes that is written again and again."""

from operator import attrgetter
from typing import Final

import attrs

from keisei_core.observe.shared_planes import Tasks
from keisei_core.shogi.positions import Positions, UInt8Array

ARRAYS: Final = attrgetter(*(field.name for field in attrs.fields(Positions)))
"""Returns the arrays of positions."""


class Canvas:
    """Memory for the planes of N positions, and what is known to stand there.

    Nobody but the feature set that made it writes to it: planes that stand there already are not written again.
    """

    def __init__(self, planes: UInt8Array, notes: UInt8Array, num_tasks: int) -> None:
        self.planes: Final = planes
        """uint8 [N, C, 9, 9], C-contiguous; to read."""
        self.notes: Final = notes
        """uint8 [N, S], what the planes of each position show; 0: nothing is known."""
        self.tasks: Final = Tasks(num_tasks)
        """What writes the planes."""
        self._shown: dict[int, Positions] = {}
        self._positions: Positions | None = None

    def shown(self, positions: Positions) -> dict[int, Positions] | None:
        """Returns what the last call kept, if it was for the same positions: games keep theirs for good.

        Else it is forgotten: the tasks are about to be bound to others, and may not come to an end of that.
        """
        if positions is self._positions:
            return self._shown
        self._positions = None
        return None

    def keep(self, positions: Positions, shown: dict[int, Positions]) -> None:
        """Keeps what tasks read of positions for the next call, unless some of it was copied."""
        pairs = (pair for one in shown.values() for pair in zip(ARRAYS(one), ARRAYS(positions), strict=True))
        self._shown = shown
        self._positions = positions if all(one is own or not one.size for one, own in pairs) else None
