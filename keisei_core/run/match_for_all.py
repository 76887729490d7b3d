"""A match that one process plays and whose score all processes know."""

import json
from collections.abc import Callable
from contextlib import suppress

import attrs

from keisei_core.arena import Score
from keisei_core.distribution import DistributionBackend
from keisei_core.errors import StoppedError


def match_for_all(play: Callable[[], Score], backend: DistributionBackend) -> Score:
    """Plays on rank 0 and returns the score on every process; the others wait.

    Raises:
        StoppedError: `play` raised it on rank 0; now every process does.
    """
    if backend.world_size == 1:
        return play()
    told = b""
    if backend.rank == 0:
        with suppress(StoppedError):
            told = json.dumps(attrs.asdict(play())).encode()
    told = backend.broadcast(told)
    if not told:
        raise StoppedError("asked to stop during a match")
    return Score(**json.loads(told))
