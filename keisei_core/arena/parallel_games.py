"""Games of a match played side by side: as games end others take their places, so that networks see full batches.

Shape key: S slots, a game in each; P openings, 2 P games. Games 2p and 2p + 1 share opening p; after it the first
player moves first in game 2p and the second player in game 2p + 1.
"""

from collections.abc import Iterator
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.arena.openings import NO_ACTION, Openings
from keisei_core.arena.past import Past
from keisei_core.arena.player import Player
from keisei_core.observe import needs_of
from keisei_core.shogi import BLACK, Branches, Ending, Games

FREE: Final = -1
REFILL_SHARE: Final = 8
"""New games begin once one slot of so many is free: each beginning plays its opening while the others wait."""


@attrs.frozen(kw_only=True)
class FinishedGame:
    """One game of a match."""

    number: int
    """2p or 2p + 1 of opening p."""
    points: float
    """The first player's: 1, 1/2 or 0."""
    ending: Ending
    first_is_black: bool
    opening_plies: int
    actions: NDArray[np.int16] = attrs.field(eq=False)
    """int16 [plies], all moves from the start position on."""


class ParallelGames:
    """Plays every game of a match to its end."""

    def __init__(self, openings: Openings, players: tuple[Player, Player], *, num_slots: int, max_plies: int) -> None:
        self.openings = openings
        self.players = players
        num_slots = min(num_slots, 2 * len(openings))
        self.histories = [needs_of(player).history for player in players]
        """Earlier positions that each player asks for."""
        self.games = Games(num_slots, max_plies=max_plies, history=max(self.histories))
        self.number = np.full(num_slots, FREE, np.int64)
        """int64 [S], which game a slot holds; -1 where it is free."""
        self.to_move = np.zeros(num_slots, np.int64)
        """int64 [S], 0 where the first player is to move."""
        self.actions = np.zeros((num_slots, max_plies), np.int16)
        self.past = Past(num_slots, max_plies)
        self.num_begun = 0

    def finished(self) -> Iterator[FinishedGame]:
        """Plays, and yields each game as it ends; lower numbers begin first, but end in any order."""
        self._begin()
        while (self.number != FREE).any():
            yield from self._advance(self._choose())
            num_free = int((self.number == FREE).sum())
            if num_free * REFILL_SHARE >= len(self.number):
                self._begin()

    def _begin(self) -> None:
        """Begins the next games in the free slots, and plays their openings."""
        slots = np.flatnonzero(self.number == FREE)[: 2 * len(self.openings) - self.num_begun]
        if not len(slots):
            return
        self.number[slots] = np.arange(self.num_begun, self.num_begun + len(slots))
        self.num_begun += len(slots)
        self.to_move[slots] = self.number[slots] % 2
        is_new = np.zeros(len(self.number), np.bool_)
        is_new[slots] = True
        self.games.reset(is_new)
        self._note(slots)
        for opening in self.openings.actions[self.number[slots] // 2].T:
            actions = np.full(len(self.number), NO_ACTION, np.int32)
            actions[slots] = opening
            self._step(actions)

    def _choose(self) -> NDArray[np.int32]:
        """Asks both players for their moves; -1 in free slots."""
        actions = np.full(len(self.number), NO_ACTION, np.int32)
        for seat, player in enumerate(self.players):
            slots = np.flatnonzero((self.number != FREE) & (self.to_move == seat))
            if len(slots):
                positions = self.games.positions[slots].with_history(self.histories[seat])
                legal = self.games.legal[slots]
                if getattr(player, "avoids_repetition", False):
                    legal = self.past.without_repetition(positions, legal, slots)
                past = [Branches.of_games(self.games, slots)] if getattr(player, "knows_past", False) else []
                asked: Any = player
                actions[slots] = asked.choose(positions, legal, *past)
        self.to_move = 1 - self.to_move
        return actions

    def _step(self, actions: NDArray[np.int32]) -> None:
        """Plays a ply and writes it down."""
        slots = np.flatnonzero(actions != NO_ACTION)
        self.actions[slots, self.games.positions.ply[slots]] = actions[slots]
        self.games.step(actions, reset=False)
        self._note(slots)

    def _note(self, slots: NDArray[np.int64]) -> None:
        if any(getattr(player, "avoids_repetition", False) for player in self.players):
            self.past.note(self.games.positions[slots], slots)

    def _advance(self, actions: NDArray[np.int32]) -> Iterator[FinishedGame]:
        """Plays a ply in every slot and yields the games that it ends."""
        self._step(actions)
        for slot in np.flatnonzero(self.games.ending):
            yield self._finish(int(slot))

    def _finish(self, slot: int) -> FinishedGame:
        """Frees a slot and returns the game that ended in it."""
        number, ending = int(self.number[slot]), Ending(int(self.games.ending[slot]))
        num_plies = int(self.games.final.ply[slot])
        second_moved_last = self.to_move[slot] == 0
        black_moved_last = self.games.final.side_to_move[slot] != BLACK
        self.number[slot] = FREE
        return FinishedGame(
            number=number,
            points=1 - ending.points if second_moved_last else ending.points,
            ending=ending,
            first_is_black=bool(second_moved_last != black_moved_last),
            opening_plies=int(self.openings.plies[number // 2]),
            actions=self.actions[slot, :num_plies].copy(),
        )
