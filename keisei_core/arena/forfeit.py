"""Games that a player loses otherwise than by the rules: it resigns, or what it does is no move."""

from collections import Counter
from enum import StrEnum
from typing import Any, Final

import attrs

from keisei_core.errors import PluginError

SEATS: Final = ("first", "second")
FEW_FAULTS: Final = 5
"""So many say nothing yet of a player."""
FAULTS_SHARE: Final = 0.05
"""Of all games: a player that loses more of them by its own faults is not rated."""


class ForfeitKind(StrEnum):
    """How a game was lost; the value is the ending that records have."""

    RESIGNATION = "resignation"
    """The player gave the game up."""
    ILLEGAL_MOVE = "illegal_move"
    """It answered with something that is no legal move."""
    SILENCE = "silence"
    """It gave no answer in the time that it has."""
    DEATH = "death"
    """It ended, or could not be reached."""

    @property
    def is_fault(self) -> bool:
        """True where the loss says more of the player's program than of its play."""
        return self is not ForfeitKind.RESIGNATION


@attrs.frozen(kw_only=True)
class Forfeit:
    """What a player that follows games answers with in the place of an action: it loses the game."""

    kind: ForfeitKind
    last_words: tuple[str, ...] = ()
    """The last lines that were heard of it, for whoever wants to know why."""


@attrs.define
class Faults:
    """Games that a player lost by faults."""

    counts: Counter[ForfeitKind] = attrs.field(factory=Counter)
    last_words: tuple[str, ...] = ()
    """Of the last of them."""

    def note(self, forfeit: Forfeit | None) -> None:
        """Counts a game that the player lost, if it was by a fault."""
        if forfeit is not None and forfeit.kind.is_fault:
            self.counts[forfeit.kind] += 1
            self.last_words = forfeit.last_words

    def require_few(self, seat: int, num_games: int) -> None:
        """Ends a match in which there are too many.

        Args:
            seat: 0 where they are the first player's, 1 for the second.
            num_games: that came to an end.

        Raises:
            FaultsError: there are.
        """
        if self.counts.total() > max(FEW_FAULTS, FAULTS_SHARE * num_games):
            lost = f"lost {self.counts.total()} of {num_games} games by faults of its own"
            raise FaultsError(f"{SEATS[seat]} player: {lost}, which is no match; {self}", seat)

    def __bool__(self) -> bool:
        return bool(self.counts)

    def __str__(self) -> str:
        told = ", ".join(f"{kind} {self.counts[kind]}" for kind in ForfeitKind if self.counts[kind])
        said = "".join(f"\n  | {line}" for line in self.last_words)
        return f"{told}; its last words:{said}" if said else told

    def to_data(self) -> dict[str, Any]:
        """Returns JSON-able data."""
        counts = {str(kind): self.counts[kind] for kind in ForfeitKind if kind.is_fault}
        return {**counts, "last_words": list(self.last_words)}


class FaultsError(PluginError):
    """A player lost so many games by faults that a score would say nothing of how it plays."""

    def __init__(self, problem: str, seat: int) -> None:
        """Takes what is told, and whose the faults are: 0 for the first player, 1 for the second."""
        self.seat = seat
        super().__init__(problem)
