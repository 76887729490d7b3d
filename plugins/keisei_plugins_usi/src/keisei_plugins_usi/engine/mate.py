"""`go mate`: problems of mate, by the proof-number search of keisei-plugins-search, or in one move without it."""

import time
from importlib.util import find_spec
from typing import Final

import numpy as np

from keisei_core.shogi import Branches, action_to_usi, find_mates
from keisei_plugins_usi.engine.order import UNDECIDED
from keisei_plugins_usi.engine.timer import Timer

PROVER: Final = "keisei_plugins_search"
LONGEST: Final = 255
"""Plies of a mate that is looked for."""
FIRST_NODES: Final = 10_000
GROWTH: Final = 4
MOST_NODES: Final = 640_000
"""Of one look, some 40 bytes each. One that has begun is not broken off; more follow until it is decided."""
MATE: Final = "checkmate"
NO_MATE: Final = f"{MATE} nomate"
NOT_IMPLEMENTED: Final = f"{MATE} notimplemented"


def solve(branches: Branches, timer: Timer) -> tuple[str, tuple[str, ...]]:
    """Looks for a mate by checks alone.

    Args:
        branches: one, which stays as it is.
        timer: when to end.

    Returns:
        The answer to `go mate`, and the moves of both sides up to mate, as USI writes them; none where none is found.
    """
    if branches.num_legal[0] == 0:
        return NO_MATE, ()
    mates = find_mates(branches.positions, branches.legal)[0]
    if mates.any():
        return solved(branches, [int(mates.argmax())])
    if find_spec(PROVER) is None:
        return NOT_IMPLEMENTED, ()
    return prove(branches, timer)


def prove(branches: Branches, timer: Timer) -> tuple[str, tuple[str, ...]]:
    """Looks for a mate in several plies, with more and more positions until it is decided or the time is over."""
    from keisei_plugins_search.mate_search import prove_mates

    row, max_nodes, seconds = np.zeros(1, np.int64), FIRST_NODES, 0.0
    while max_nodes <= MOST_NODES and timer.seconds_left > seconds * GROWTH:
        started = time.monotonic()
        found = prove_mates(branches, row, max_nodes, LONGEST)
        seconds, plies = time.monotonic() - started, int(found.plies[0])
        if plies >= 0:
            return solved(branches, found.line[0, :plies].tolist()) if plies else (NO_MATE, ())
        max_nodes *= GROWTH
    return UNDECIDED, ()


def solved(branches: Branches, actions: list[int]) -> tuple[str, tuple[str, ...]]:
    """Returns the answer to `go mate` and its moves."""
    branch, moves = branches.copy(slice(None)), []
    for action in actions:
        branch.reopen()
        moves.append(action_to_usi(branch.positions, action))
        branch.play(np.array([action], np.int32))
    return " ".join([MATE, *moves]), tuple(moves)
