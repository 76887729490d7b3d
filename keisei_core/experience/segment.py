"""What a source hands to learning: T plies of B games, positions packed instead of planes, and the columns asked for.

Shape key: T plies, B games side by side, N = T * B; G games in all, H earlier positions kept beside each.
"""

from collections.abc import Iterable
from functools import cached_property
from typing import Any, Final, Self

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.decide import Column
from keisei_core.shogi import Ending, Positions, UInt8Array
from keisei_core.shogi.positions import EARLIER_BYTES
from keisei_core.shogi.rules.history import rebuild_histories

Float32Array = NDArray[np.float32]

REWARDS: Final = np.array(
    [2 * ending.points - 1 if ending.is_decisive else 0.0 for ending in Ending],
    np.float32,
)
"""By `Ending`: +1, 0 or -1 for the player who moved last."""
UNKNOWN: Final = -1
"""Plies left of a game that had not ended within the segment, and the action after a game's last one."""


@attrs.frozen(eq=False, kw_only=True)
class Outcomes:
    """What became of each ply's game, as far as the segment shows."""

    result: Float32Array
    """float32 [T, B], +1, 0 or -1 for the side to move there; nan where the game did not end by the rules."""
    plies_left: NDArray[np.int32]
    """int32 [T, B], plies of the game from this one on, itself included; `UNKNOWN` where its end is not there."""
    next_action: NDArray[np.int16]
    """int16 [T, B], what was played one ply later in the same game, in the view of the mover then; else `UNKNOWN`, as
    where the game was given up instead."""


@attrs.frozen(eq=False, kw_only=True)
class Segment:
    """A rectangle of plies. Planes and masks are made again from stored positions when they are learned from."""

    positions: Positions
    """N positions, row t * B + b: before the ply was played. None has a history: `positions_of` makes it again."""
    learned: NDArray[np.bool_]
    """bool [T, B], where the decider chose the action; False where an opponent from the pool did."""
    action: NDArray[np.int16]
    """int16 [T, B], the action played; where a game was given up, the one that would have been."""
    ending: NDArray[np.uint8]
    """uint8 [T, B], `Ending` of the ply."""
    columns: dict[str, NDArray[Any]]
    """By name: [T, B, *shape], what the decider told of each ply, as far as it was asked for."""
    after: Positions
    """B positions after the last ply, with their history."""
    cut: Positions
    """K last positions of games that were cut off, with their history, in the order of `cut_rows`."""
    cut_rows: NDArray[np.int64]
    """int64 [K], after which rows t * B + b they were."""
    version: int
    """Updates that the weights had seen which played it."""
    begun: list[UInt8Array]
    """By call of `put`: uint8 [games of which it is the first ply here, H, 96], their `Positions.history`; H is what
    planes or other parts of the run ask for."""

    @classmethod
    def empty(
        cls, num_plies: int, num_games: int, columns: Iterable[Column], version: int = 0, num_earlier: int = 0
    ) -> Self:
        """Makes room for a segment in which no game is cut off; `put` stores its positions."""
        shape = (num_plies, num_games)
        return cls(
            positions=Positions.empty(num_plies * num_games),
            learned=np.ones(shape, np.bool_),
            action=np.zeros(shape, np.int16),
            ending=np.zeros(shape, np.uint8),
            columns={column.name: column.empty(*shape) for column in columns},
            after=Positions.empty(num_games, num_earlier),
            cut=Positions.empty(0, num_earlier),
            cut_rows=np.zeros(0, np.int64),
            version=version,
            begun=[],
        )

    @property
    def num_plies(self) -> int:
        """Plies in the segment, N."""
        return self.action.size

    @property
    def num_bytes(self) -> int:
        """Memory of all arrays in bytes."""
        positions = [*self.positions.arrays().values(), *self.after.arrays().values(), *self.cut.arrays().values()]
        rest = [self.learned, self.action, self.ending, self.cut_rows, *self.begun, *self.columns.values()]
        return sum(array.nbytes for array in (*positions, *rest))

    def frozen(self) -> Self:
        """Makes what was played read only; positions stay as they are, which compiled code takes in one way alone."""
        for array in (self.learned, self.action, self.ending, self.cut_rows, *self.columns.values()):
            array.setflags(write=False)
        return self

    @property
    def num_earlier(self) -> int:
        """H, how many earlier positions `positions_of` gives beside each."""
        return self.after.num_earlier

    def put(self, ply: int, positions: Positions, games: slice = slice(None)) -> None:
        """Stores the positions before a ply; plies come in order, each once the endings of the one before are known.

        Args:
            ply: 0 to T - 1.
            positions: of `games`, with H earlier ones each.
            games: which of the B games, where those of a ply come one part after the other.
        """
        num_games = self.action.shape[1]
        first, behind, _ = games.indices(num_games)
        self.positions[ply * num_games + first : ply * num_games + behind] = positions.with_history(0)
        begins = self.ending[ply - 1, games] != Ending.NONE if ply else np.ones(len(positions), np.bool_)
        self.begun.append(positions.history[begins])

    def positions_of(self, rows: NDArray[np.int64]) -> Positions:
        """Returns stored positions with their history, bit for bit as the decider saw them.

        Args:
            rows: int64 [R], rows t * B + b.

        Raises:
            ValueError: the positions were not stored by `put`, ply after ply.
        """
        positions = self.positions[rows]
        if not self.num_earlier:
            return positions
        stored, (games, plies) = self.positions, self._lines
        history = np.empty((len(rows), self.num_earlier, EARLIER_BYTES), np.uint8)
        rebuild_histories(
            stored.board.reshape(-1),
            stored.hands.reshape(-1),
            stored.repetition,
            self.pasts.reshape(-1),
            games,
            plies,
            np.ascontiguousarray(rows, np.int64),
            self.action.shape[1],
            history.reshape(-1),
        )
        return attrs.evolve(positions, history=history)

    @cached_property
    def pasts(self) -> UInt8Array:
        """uint8 [G, H, 96], what stood before the first ply that each game has here, in the order of their rows."""
        return np.concatenate(self.begun)

    @cached_property
    def _lines(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """For each row, int64 [N] both: its game's place in `pasts`, and how many plies of that game stand before."""
        num_plies, num_games = self.action.shape
        begins = np.ones((num_plies, num_games), np.bool_)
        begins[1:] = ~self.went_on[:-1]
        if len(self.pasts) != begins.sum():
            raise ValueError("expected positions stored by put, each ply after the endings of the one before")
        number = begins.cumsum().reshape(begins.shape) - 1
        plies = np.arange(num_plies)[:, None]
        first_ply = np.maximum.accumulate(np.where(begins, plies, 0), axis=0)
        return np.take_along_axis(number, first_ply, axis=0).reshape(-1), (plies - first_ply).reshape(-1)

    @property
    def reward(self) -> Float32Array:
        """float32 [T, B], +1 / 0 / -1 by the rules for the player who moved; 0 where the game went on or was cut."""
        rewards: Float32Array = REWARDS[self.ending]
        return rewards

    @property
    def was_cut(self) -> NDArray[np.bool_]:
        """bool [T, B], where the game was cut off for its length."""
        return np.equal(self.ending, Ending.MAX_PLIES)

    @property
    def went_on(self) -> NDArray[np.bool_]:
        """bool [T, B], where the game was not over after the ply."""
        return np.equal(self.ending, Ending.NONE)

    @cached_property
    def outcomes(self) -> Outcomes:
        """What became of each ply's game, looked up from its end backwards."""
        num_plies, num_games = self.action.shape
        result = np.full((num_plies, num_games), np.nan, np.float32)
        left = np.full((num_plies, num_games), UNKNOWN, np.int32)
        following = np.full((num_plies, num_games), UNKNOWN, np.int16)
        was_played = self.went_on[:-1] & (self.ending[1:] != Ending.RESIGNATION)
        following[:-1] = np.where(was_played, self.action[1:], UNKNOWN)
        later_result, later_left = np.full(num_games, np.nan, np.float32), np.full(num_games, UNKNOWN, np.int32)
        for ply in reversed(range(num_plies)):
            ended, cut = ~self.went_on[ply], self.was_cut[ply]
            here = np.where(cut, np.float32(np.nan), self.reward[ply])
            later_result = result[ply] = np.where(ended, here, -later_result)
            onwards = np.where(later_left == UNKNOWN, UNKNOWN, later_left + 1)
            later_left = left[ply] = np.where(cut, UNKNOWN, np.where(ended, 1, onwards))
        return Outcomes(result=result, plies_left=left, next_action=following)
