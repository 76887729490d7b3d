"""Games of a match played side by side: as games end others take their places, so that networks see full batches.

Shape key: S slots, a game in each; P openings, 2 P games. Games 2p and 2p + 1 share opening p; after it the first
player moves first in game 2p and the second player in game 2p + 1.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.arena.followed_game import FollowedGames
from keisei_core.arena.forfeit import Faults, Forfeit
from keisei_core.arena.openings import NO_ACTION, Openings
from keisei_core.arena.past import Past
from keisei_core.arena.player import Player, most_at_once
from keisei_core.observe import needs_of
from keisei_core.shogi import BLACK, Branches, Ending, Games, Positions

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
    """`RESIGNATION` where the player to move lost by a forfeit of any kind."""
    first_is_black: bool
    opening_plies: int
    actions: NDArray[np.int16] = attrs.field(eq=False)
    """int16 [plies], all moves from the start position on."""
    values: NDArray[np.float32] = attrs.field(eq=False)
    """float32 [plies], the expected result for the side that moves, as its player saw it; nan where it told none."""
    forfeit: Forfeit | None = None
    """What the loser answered with in the place of a move; None where the rules ended the game."""

    @property
    def ended_by(self) -> str:
        """How the game ended, in the word of games files."""
        return self.ending.name.lower() if self.forfeit is None else str(self.forfeit.kind)


class ParallelGames:
    """Plays every game of a match to its end."""

    def __init__(self, openings: Openings, players: tuple[Player, Player], *, num_slots: int, max_plies: int) -> None:
        self.openings = openings
        self.players = players
        num_slots = min(num_slots, 2 * len(openings), *map(most_at_once, players))
        self.histories = [needs_of(player).history for player in players]
        """Earlier positions that each player asks for."""
        self.games = Games(num_slots, max_plies=max_plies, history=max(self.histories))
        self.number = np.full(num_slots, FREE, np.int64)
        """int64 [S], which game a slot holds; -1 where it is free."""
        self.to_move = np.zeros(num_slots, np.int64)
        """int64 [S], 0 where the first player is to move."""
        self.actions = np.zeros((num_slots, max_plies), np.int16)
        self.values = np.zeros((num_slots, max_plies), np.float32)
        self.past = Past(num_slots, max_plies)
        self.follows = [getattr(player, "follows_games", False) for player in players]
        self.followed = FollowedGames(num_slots)
        self.forfeits: dict[int, Forfeit] = {}
        """Of the present ply, by slot."""
        self.faults = Faults(), Faults()
        """Of the first and the second player."""
        self.num_begun = self.num_finished = 0

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
        self.values[slots] = np.nan
        is_new = np.zeros(len(self.number), np.bool_)
        is_new[slots] = True
        self.games.reset(is_new)
        self._note(slots)
        if any(self.follows):
            self.followed.begin(self.games, slots.tolist(), self.number[slots].tolist())
        for opening in self.openings.actions[self.number[slots] // 2].T:
            actions = np.full(len(self.number), NO_ACTION, np.int32)
            actions[slots] = opening
            self._step(actions)

    def _choose(self) -> NDArray[np.int32]:
        """Asks both players for their moves; -1 in free slots, and where a player forfeits."""
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
                if self.follows[seat]:
                    games = [self.followed[slot] for slot in slots.tolist()]
                    actions[slots] = self._without_forfeits(
                        slots.tolist(), asked.choose(positions, legal, *past, games)
                    )
                else:
                    actions[slots] = asked.choose(positions, legal, *past)
                self.values[slots, positions.ply] = told_values(player, len(slots))
        self.to_move = 1 - self.to_move
        return actions

    def _without_forfeits(self, slots: list[int], answers: Sequence[int | Forfeit]) -> list[int]:
        """Keeps the forfeits among a player's answers, and returns the actions; -1 where there is none."""
        self.forfeits |= {
            slot: answer for slot, answer in zip(slots, answers, strict=True) if isinstance(answer, Forfeit)
        }
        return [NO_ACTION if isinstance(answer, Forfeit) else answer for answer in answers]

    def _step(self, actions: NDArray[np.int32]) -> None:
        """Plays a ply and writes it down."""
        slots = np.flatnonzero(actions != NO_ACTION)
        self.actions[slots, self.games.positions.ply[slots]] = actions[slots]
        if any(self.follows):
            self.followed.before_step(self.games, actions)
        self.games.step(actions, reset=False)
        self._note(slots)

    def _note(self, slots: NDArray[np.int64]) -> None:
        if any(getattr(player, "avoids_repetition", False) for player in self.players):
            self.past.note(self.games.positions[slots], slots)

    def _advance(self, actions: NDArray[np.int32]) -> Iterator[FinishedGame]:
        """Plays a ply in every slot and yields the games that it ends."""
        for slot, forfeit in self.forfeits.items():
            yield self._forfeited(slot, forfeit)
        self.forfeits = {}
        self._step(actions)
        for ended in np.flatnonzero(self.games.ending):
            yield self._finished_by_rules(int(ended))

    def _finished_by_rules(self, slot: int) -> FinishedGame:
        """Returns the game that ended in a slot."""
        ending = Ending(int(self.games.ending[slot]))
        mover = 1 - int(self.to_move[slot])
        mover_is_black = bool(self.games.final.side_to_move[slot] != BLACK)
        return self._finish(slot, self.games.final, mover, mover_is_black, ending)

    def _forfeited(self, slot: int, forfeit: Forfeit) -> FinishedGame:
        """Returns the game that the player to move in a slot gave away.

        Raises:
            FaultsError: one too many.
        """
        loser = 1 - int(self.to_move[slot])
        loser_is_black = bool(self.games.positions.side_to_move[slot] == BLACK)
        game = self._finish(slot, self.games.positions, loser, loser_is_black, Ending.RESIGNATION, forfeit)
        self.faults[loser].note(forfeit)
        self.faults[loser].require_few(loser, self.num_finished)
        return game

    def _finish(
        self,
        slot: int,
        final: Positions,
        mover: int,
        mover_is_black: bool,
        ending: Ending,
        forfeit: Forfeit | None = None,
    ) -> FinishedGame:
        """Frees a slot and returns its game.

        Args:
            slot: whose game it is.
            final: S positions, in its row the last one of the game.
            mover: seat of the player whose ply it was, or would have been.
            mover_is_black: which side that is.
            ending: told of the mover.
            forfeit: what stood in the place of the ply.
        """
        number = int(self.number[slot])
        self.number[slot] = FREE
        self.num_finished += 1
        points = ending.points if mover == 0 else 1 - ending.points
        self._tell_followers(slot, points)
        return FinishedGame(
            number=number,
            points=points,
            ending=ending,
            first_is_black=mover_is_black == (mover == 0),
            opening_plies=int(self.openings.plies[number // 2]),
            actions=self.actions[slot, : final.ply[slot]].copy(),
            values=self.values[slot, : final.ply[slot]].copy(),
            forfeit=forfeit,
        )

    def _tell_followers(self, slot: int, points: float) -> None:
        """Tells players that follow games, and want to know, that the game of a slot is over."""
        for seat, player in enumerate(self.players):
            if self.follows[seat] and hasattr(player, "game_over"):
                told: Any = player
                told.game_over(self.followed[slot], points if seat == 0 else 1 - points)


def told_values(player: Player, count: int) -> NDArray[np.float32]:
    """Returns what a player tells of the positions that it was asked about last, see `Player`; nan where it does not.

    Args:
        player: any player.
        count: how many positions these were.
    """
    told = getattr(player, "values", None)
    if isinstance(told, np.ndarray) and told.shape == (count,):
        return told.astype(np.float32)
    return np.full(count, np.nan, np.float32)
