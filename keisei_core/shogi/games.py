"""Many games at once: arrays owned here, changed in place by every step."""

from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn, cast

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.errors import IllegalMoveError
from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.crew import Bound
from keisei_core.shogi.notation import describe_action
from keisei_core.shogi.positions import Positions
from keisei_core.shogi.rules.games import (
    BEGIN,
    DRAWS,
    LEAVE,
    RESETS,
    GameArrays,
    PositionArrays,
    Rules,
    bind_step,
    find_illegal,
    sample_games,
)
from keisei_core.shogi.sfen import format_sfen
from keisei_core.shogi.starts import Starts, begun_anew, check_playable
from keisei_core.shogi.tables import UInt16Array, UInt64Array

MAX_MAX_PLIES = 60_000
INT32 = np.dtype(np.int32)
FAST_GAMES = 8
"""Games that a thread takes at once."""
HISTORIES = ("positions.history", "final.history")
"""Arrays of a state that may be longer than games need."""


class RepetitionState(NamedTuple):
    """What repetition and perpetual check are judged by in B games."""

    keys: UInt64Array
    """uint64 [B], hash of board and hands, told apart from others of the same game only."""
    history: UInt64Array
    """uint64 [B, 2, T], hashes of the positions that stood at even plies and at odd ones since the start position."""
    first_ply: UInt16Array
    """uint16 [B], ply number of the start position."""
    checks: UInt16Array
    """uint16 [B, 2], how many latest moves of Black and of White gave check without a break."""


class Games:
    """B games played side by side; finished ones begin anew.

    Attributes:
        positions: The B current positions.
        legal: uint8 [B, 2187], C-contiguous, 1 = legal in the current position; all 0 for a finished game.
        num_legal: int32 [B], number of legal moves.
        reward: float32 [B], of the last step, seen by the player who just moved: +1, 0, -1.
        ending: uint8 [B], `Ending` of the last step.
        final: Row i holds the position in which game i last ended, seen by the player then to move.
    """

    def __init__(
        self,
        num_games: int,
        *,
        max_plies: int = 512,
        starts: Starts | None = None,
        seed: int = 0,
        history: int = 0,
    ) -> None:
        """Begins `num_games` games.

        Args:
            num_games: B.
            max_plies: A game is cut off when its position has this ply number.
            starts: Where games begin; the standard start position if not given.
            seed: Of the games' random streams.
            history: H, how many earlier positions are kept beside each, see `Positions.history`; random plies that a
                game begins with count, what came before a start position does not.

        Raises:
            ValueError: `num_games` below 1, `history` below 0, or `max_plies` out of range.
            SfenError: A start position can't be played on.
        """
        if num_games < 1:
            raise ValueError(f"num_games must be >= 1, got {num_games}")
        check_max_plies(max_plies)
        if history < 0:
            raise ValueError(f"history must be >= 0, got {history}")
        # Copied, because `replace_starts` writes into the arrays that the kernels hold.
        self.starts = attrs.evolve(Starts.standard() if starts is None else starts)
        self.max_plies = max_plies
        check_playable(self.starts.positions, max_plies)
        self.positions, self.final = Positions.empty(num_games, history), Positions.empty(num_games, history)
        self.legal = np.zeros((num_games, NUM_ACTIONS), np.uint8)
        self.num_legal = np.zeros(num_games, np.int32)
        self.reward = np.zeros(num_games, np.float32)
        self.ending = np.zeros(num_games, np.uint8)
        self._keys = np.zeros(num_games, np.uint64)
        self._history = np.zeros((num_games, 2, max_plies // 2 + 1), np.uint64)
        self._first_ply = np.zeros(num_games, np.uint16)
        self._checks = np.zeros((num_games, 2), np.uint16)
        self._streams = np.random.default_rng(seed).integers(1, 2**64, num_games, np.uint64)
        # Who samples at every step gets actions that the step before drew, at half the cost.
        self._drawn, self._streams_ahead = np.zeros(num_games, np.int32), np.zeros(num_games, np.uint64)
        self._samples, self._is_drawn = False, False
        self._actions = np.zeros(num_games, np.int32)
        arrays = (*self._game_arrays().values(), self._drawn, self._streams_ahead)
        games = GameArrays(*(array.reshape(-1) for array in arrays))
        rules = Rules(
            flat(self.starts.positions), self.starts.min_random_plies, self.starts.random_plies, self.max_plies
        )
        self._flat = flat(self.positions), games, flat(self.final), rules
        self._wishes = np.zeros(2, np.uint8)
        arguments = (self._actions, *self._flat, self._wishes)
        self._play = Bound(bind_step, arguments)
        self.reset()

    def __len__(self) -> int:
        return len(self.num_legal)

    @property
    def repetition_state(self) -> RepetitionState:
        """What repetition is judged by: read-only views, which change as the games are played."""
        state = RepetitionState(self._keys.view(), self._history.view(), self._first_ply.view(), self._checks.view())
        for view in state:
            view.flags.writeable = False
        return state

    def step(self, actions: NDArray[np.int32], *, reset: bool = True) -> None:
        """Plays one ply in every game.

        Args:
            actions: int32 [B], legal actions; -1 leaves a game alone (reward 0, no ending).
            reset: Finished games begin anew at once; otherwise they stay in their final position without legal moves.

        Raises:
            ValueError: `actions` has another dtype or shape.
            IllegalMoveError: Names the first game whose action is not legal; nothing was changed.
        """
        check_actions(actions, len(self))
        # Copied before a kernel sees it: for a read-only array it would be compiled once more.
        self._actions[:] = actions
        row = find_illegal(self._flat[1].legal, self._actions)
        if row >= 0:
            played = describe_action(int(actions[row]))
            sfen = format_sfen(self.positions, row)
            raise IllegalMoveError(f"game {row}: expected a legal action, got {played} in sfen {sfen!r}")
        self._advance(reset)

    def sample(self) -> NDArray[np.int32]:
        """Draws a legal action for each game from its own random stream; -1 for a finished game.

        Returns:
            int32 [B], each legal action as likely as the others.
        """
        self._samples = True
        actions = self._drawn.copy()
        if self._is_drawn:
            self._streams[:] = self._streams_ahead
        else:
            sample_games(self._flat[1].legal, self.num_legal, self._streams, actions)
        self._is_drawn = False
        return actions

    def reset(self, rows: NDArray[np.bool_] | None = None) -> None:
        """Begins all games anew, or those where `rows` (bool [B]) is true; sets reward and ending of every game to 0.

        Raises:
            ValueError: `rows` has another dtype or shape.
        """
        chosen = np.ones(len(self), np.bool_) if rows is None else rows
        if chosen.dtype != np.bool_ or chosen.shape != (len(self),):
            raise ValueError(f"rows must be bool [{len(self)}], got {chosen.dtype} {list(chosen.shape)}")
        self._actions[:] = np.where(chosen, BEGIN, LEAVE)
        self._advance(reset=False)

    def replace_starts(self, positions: Positions) -> None:
        """Lets games that begin from here on start elsewhere; those in progress stay as they are.

        Args:
            positions: as many as there were start positions, copied.

        Raises:
            ValueError: There are more or fewer, or one has not one king of each side.
            SfenError: One of them can't be played on.
        """
        if len(positions) != len(self.starts.positions):
            raise ValueError(f"expected {len(self.starts.positions)} start positions, got {len(positions)}")
        begun = begun_anew(positions)
        check_playable(begun, self.max_plies)
        self.starts.positions[:] = begun

    def state(self) -> dict[str, NDArray[np.generic]]:
        """Copies everything the games need to go on bit for bit: positions, history, random streams."""
        return {name: array.copy() for name, array in self._arrays().items()}

    def load_state(self, state: Mapping[str, NDArray[np.generic]]) -> None:
        """Goes on from what `state` gave; of earlier positions beside each, those are kept that these games keep.

        Raises:
            ValueError: The state is of another number of games or `max_plies`, of less `history`, or incomplete.
        """
        own, state = self._arrays(), with_history(state, self.positions.num_earlier)
        if set(state) != set(own):
            raise ValueError(f"expected a state of games with {sorted(own)}, got {sorted(state)}")
        for name, array in own.items():
            if state[name].shape != array.shape or state[name].dtype != array.dtype:
                raise ValueError(
                    f"state {name!r} must be {array.dtype} {list(array.shape)}, got {state[name].dtype}"
                    f" {list(state[name].shape)}; load it into as many games with the same max_plies and history"
                )
        if (state["max_plies"] != self.max_plies).any():
            raise ValueError(f"state is of games with max_plies {state['max_plies'][0]}, expected {self.max_plies}")
        for name, array in own.items():
            array[...] = state[name]
        self._is_drawn = False

    def _arrays(self) -> dict[str, NDArray[Any]]:
        """Returns all that is kept by name, without arrays of nothing: earlier positions that nobody asked for."""
        positions = {f"positions.{name}": array for name, array in self.positions.arrays().items()}
        final = {f"final.{name}": array for name, array in self.final.arrays().items()}
        max_plies = {"max_plies": np.full(len(self), self.max_plies, np.uint16)}
        arrays = positions | final | self._game_arrays() | max_plies
        return {name: array for name, array in arrays.items() if array.size}

    def _game_arrays(self) -> dict[str, NDArray[Any]]:
        """Returns the fields of `GameArrays` but for what is drawn ahead, which can be drawn again."""
        return {
            "legal": self.legal,
            "num_legal": self.num_legal,
            "reward": self.reward,
            "ending": self.ending,
            "keys": self._keys,
            "history": self._history,
            "first_ply": self._first_ply,
            "checks": self._checks,
            "streams": self._streams,
        }

    def __getstate__(self) -> NoReturn:
        """Refuses copying and pickling: the kernels would go on writing to the first games' arrays."""
        raise TypeError("games can't be copied or pickled; carry state() over to new Games with load_state")

    def _advance(self, reset: bool) -> None:
        self._wishes[RESETS], self._wishes[DRAWS] = reset, self._samples
        self._play(len(self), FAST_GAMES)
        self._is_drawn, self._samples = self._samples, False


def check_max_plies(max_plies: int) -> None:
    """Refuses caps that are out of range.

    Raises:
        ValueError: It is below 1 or above 60,000.
    """
    if not 1 <= max_plies <= MAX_MAX_PLIES:
        raise ValueError(f"max_plies must be 1 to {MAX_MAX_PLIES}, got {max_plies}")


def check_actions(actions: NDArray[np.int32], num_rows: int) -> None:
    """Refuses actions that are not one for each row.

    Raises:
        ValueError: They have another dtype, shape or memory order.
    """
    if actions.dtype != INT32 or actions.shape != (num_rows,) or not actions.flags.c_contiguous:
        raise ValueError(
            f"actions must be int32 [{num_rows}], C-contiguous, got {actions.dtype} {list(actions.shape)};"
            " cast with .astype(np.int32)"
        )


def with_history(state: Mapping[str, NDArray[np.generic]], num_earlier: int) -> dict[str, NDArray[np.generic]]:
    """Returns a state of games with at most so many earlier positions beside each."""
    shorter = {name: state[name][:, :num_earlier] for name in HISTORIES if name in state and state[name].ndim == 3}
    return {name: array for name, array in {**state, **shorter}.items() if array.size}


def flat(positions: Positions) -> PositionArrays:
    """Returns the arrays of positions without their second axis, not copied."""
    return PositionArrays(*(cast(Any, array).reshape(-1) for array in positions.arrays().values()))
