"""Counting who has come, at a store that all processes ask: never so often that many of them drown it."""

import math
from collections.abc import Iterator
from time import monotonic, sleep
from typing import Final

from torch.distributed import Store  # type: ignore[attr-defined]

POLL_S: Final = 0.01
REQUESTS_PER_S: Final = 200
"""What all waiting processes together ask of the store, once they have waited for some time."""


def pauses_s(world_size: int) -> Iterator[float]:
    """Yields how long to wait before each time of asking: twice as long as before, up to what the store bears."""
    longest, pause = max(POLL_S, world_size / REQUESTS_PER_S), POLL_S
    while True:
        yield pause
        pause = min(2 * pause, longest)


def arrive(store: Store, key: str, world_size: int, limit_s: float = math.inf) -> bool:
    """Counts this process at a key and waits until all are counted there; returns False where the time is up before.

    It sleeps between two questions instead of waiting in the store, from where no signal could call it back.
    """
    deadline = monotonic() + limit_s
    come = store.add(key, 1)
    for pause in pauses_s(world_size):
        if come >= world_size or monotonic() > deadline:
            break
        sleep(pause)
        come = store.add(key, 0)
    return bool(come >= world_size)
