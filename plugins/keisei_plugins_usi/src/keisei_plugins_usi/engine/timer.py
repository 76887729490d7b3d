"""When a search is to end: at a time that may be set meanwhile, or at once; what `keisei_core.arena.Stop` asks for."""

import math
import time
from collections.abc import Callable
from threading import Event
from typing import Final

from keisei_plugins_usi.engine.clock import Budget

FOREVER: Final = Budget(planned=math.inf, most=math.inf)


class Timer:
    """Ends a search."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Runs without an end until `begin` is called.

        Args:
            now: tells the time in seconds.
        """
        self._now: Final = now
        self._stopped: Final = Event()
        self._end = math.inf
        self._began = 0.0
        self.budget = FOREVER

    def begin(self, budget: Budget, at: float) -> None:
        """Lets a budget run, counted from a time: that of `go`, or of `ponderhit`."""
        self.budget, self._began = budget, at
        self._end = at + budget.planned

    def stop(self) -> None:
        """Asks to end at once."""
        self._stopped.set()

    def is_set(self) -> bool:
        """Returns whether to end."""
        return self._stopped.is_set() or self._now() >= self._end

    @property
    def seconds_left(self) -> float:
        """Seconds until it ends; infinity where it has no end."""
        return -math.inf if self._stopped.is_set() else self._end - self._now()

    @property
    def is_stopped(self) -> bool:
        """Whether somebody asked to end at once."""
        return self._stopped.is_set()

    def wait_until(self, seconds: float) -> None:
        """Waits until so many seconds have passed since the budget began to run, or somebody asks to end."""
        self._stopped.wait(max(0.0, self._began + seconds - self._now()))
