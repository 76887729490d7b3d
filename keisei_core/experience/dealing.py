"""Games of some processes, dealt anew to another number of them, as cards are.

Shape key: B games of all processes together, N of them in one process.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.experience.opponent_pool import ITSELF
from keisei_core.experience.resignations import NOBODY
from keisei_core.experience.source import Arrays


@attrs.frozen(eq=False, kw_only=True)
class Hand:
    """The games that one process gets."""

    arrays: Arrays
    """[N, ...] each: positions, histories, and the random stream that every game has of its own."""
    loser: NDArray[np.int8]
    """int8 [N], who gave up first in a game that is played on; see `Resignations`."""
    opponent: NDArray[np.int64]
    """int64 [N], slots of the pool; ITSELF where a game has none."""
    side: NDArray[np.int64]
    """int64 [N], the learner's: 0 Black, 1 White."""


def deal(states: Sequence[tuple[Mapping[str, NDArray[np.generic]], Mapping[str, Any]]], rank: int, num: int) -> Hand:
    """Returns what one of `num` processes gets of the games of all.

    The games lie in the order of their rows, those of one row by rank, and go to the new processes in turn. So those
    with an opponent, which are the first of every process, are dealt evenly, and those played on, the last, are too;
    and who deals to another number of processes and back has the games as they were.

    Args:
        states: what `Lockstep.state` gave in each of the old processes, by rank.
        rank: of the new process.
        num: how many new processes; the games can be shared evenly.
    """
    rows = slice(rank, None, num)
    arrays = {name: _in_turn([own[name] for own, _ in states])[rows] for name in states[0][0]}
    sizes = [len(own["num_legal"]) for own, _ in states]
    losers = [_filled(data.get("resignations"), size, NOBODY) for (_, data), size in zip(states, sizes, strict=True)]
    pools = [data["pool"] or {} for _, data in states]
    opponents = [_filled(pool.get("opponent"), size, ITSELF) for pool, size in zip(pools, sizes, strict=True)]
    sides = [_filled(pool.get("side"), size, 0) for pool, size in zip(pools, sizes, strict=True)]
    return Hand(
        arrays=arrays,
        loser=_in_turn(losers)[rows].astype(np.int8),
        opponent=_in_turn(opponents)[rows],
        side=_in_turn(sides)[rows],
    )


def _in_turn(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Joins arrays of equally many rows: the first row of each, then the second of each, and so on."""
    stacked = np.stack(parts, axis=1)
    return stacked.reshape(-1, *stacked.shape[2:])


def _filled(known: Sequence[int] | None, size: int, rest: int) -> NDArray[np.int64]:
    """Returns int64 [size] that begins with what is known of the first games."""
    found = np.full(size, rest, np.int64)
    found[: len(known or ())] = known or ()
    return found
