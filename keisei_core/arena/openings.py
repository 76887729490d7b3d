"""Random openings of a match: distinct ones, so that players who always answer alike don't play one game many times."""

from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi import Ending, Games, Positions

NO_ACTION: Final = -1
MIN_REPLIES: Final = 2
BATCH: Final = 1024
"""Openings drawn at a time, whoever asks for how many."""
MAX_DRAWS: Final = 20
"""Batches drawn in search of distinct openings; there are not many of one or two plies."""


@attrs.frozen(eq=False)
class Openings:
    """P random openings from the start position."""

    actions: NDArray[np.int32]
    """int32 [P, L], what is played; -1 from the end of the opening on."""

    def __len__(self) -> int:
        return len(self.actions)

    @property
    def plies(self) -> NDArray[np.int64]:
        """int64 [P], plies of each opening."""
        played: NDArray[np.int64] = (self.actions != NO_ACTION).sum(axis=1)
        return played


def draw_openings(num_openings: int, *, plies: int, seed: int) -> Openings:
    """Draws openings of `plies` random legal moves, or fewer down to half as many, each number as likely.

    No two lead to the same position as long as enough are found, none leaves fewer than two moves, and the first ones
    are the same however many are drawn.
    """
    chosen: dict[bytes, NDArray[np.int32]] = {}
    for attempt in range(MAX_DRAWS):
        _draw_some(chosen, num_openings, plies, np.random.SeedSequence([seed, attempt]))
        if len(chosen) >= num_openings:
            break
    found = list(chosen.values())
    return Openings(np.array([found[index % len(found)] for index in range(num_openings)], np.int32))


def _draw_some(
    chosen: dict[bytes, NDArray[np.int32]], num_openings: int, plies: int, sequence: np.random.SeedSequence
) -> None:
    """Adds distinct openings of one batch until there are enough. A batch has the same size whoever asks."""
    first, second = (int(word) for word in sequence.generate_state(2))
    games = Games(BATCH, max_plies=plies + 2, seed=first)
    lengths = plies - np.random.default_rng(second).integers(0, plies // 2 + 1, BATCH)
    actions = np.full((BATCH, plies), NO_ACTION, np.int32)
    is_good = np.ones(BATCH, np.bool_)
    for ply in range(plies):
        actions[:, ply] = np.where((ply < lengths) & is_good, games.sample(), NO_ACTION)
        games.step(np.ascontiguousarray(actions[:, ply]), reset=False)
        is_good &= games.ending == Ending.NONE
    is_good &= games.num_legal >= MIN_REPLIES
    for row in np.flatnonzero(is_good):
        if len(chosen) == num_openings:
            return
        chosen.setdefault(_name(games.positions, int(row)), actions[row])


def _name(positions: Positions, row: int) -> bytes:
    """Returns what tells a position from others."""
    return b"".join(
        array[row].tobytes() for array in (positions.board, positions.hands, positions.side_to_move[:, None])
    )
