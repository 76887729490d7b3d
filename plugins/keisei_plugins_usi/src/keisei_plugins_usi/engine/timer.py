"""When a search is to end: at a time that may be set meanwhile, or at once; what `keisei_core.arena.Stop` asks for."""

import math
import time
from collections.abc import Callable, Sequence
from threading import Event
from typing import Final

from keisei_plugins_usi.engine.clock import Budget, end_of, is_settled

FOREVER: Final = Budget(planned=math.inf, most=math.inf, saves=False)


class Timer:
    """Ends a search. Begun and stopped by who answers, asked and told by who thinks."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        """Runs without an end until `begin` is called.

        Args:
            now: tells the time in seconds.
        """
        self._now: Final = now
        self._stopped: Final = Event()
        self._began = self._end = math.inf
        self._best, self._changed_at = "", 0.0
        self._nodes = self._pondered = 0
        """Looked at so far, and of these before the budget ran."""
        self.budget = FOREVER

    def begin(self, budget: Budget, at: float) -> None:
        """Lets a budget run, counted from a time: that of `go`, or of `ponderhit`."""
        self._began, self._end, self._pondered = at, at + budget.planned, self._nodes
        self.budget = budget

    def weigh(self, best: str, visits: Sequence[int], nodes: int) -> None:
        """Moves the end by how the search stands: nearer once it is settled, further while the best move changes.

        Args:
            best: the best move.
            visits: of the best moves, the best first.
            nodes: looked at so far, while pondering too.
        """
        budget, self._nodes = self.budget, nodes
        if not budget.saves:
            return
        seconds = self._now() - self._began
        if best != self._best:
            self._best, self._changed_at = best, seconds
        settled = is_settled(budget, visits, nodes - self._pondered, seconds)
        self._end = self._began + (0.0 if settled else end_of(budget, self._changed_at))

    def finish(self) -> None:
        """Ends the search: it has what was asked for."""
        self._end = -math.inf

    def stop(self) -> None:
        """Asks to end at once; nothing is waited for any more."""
        self._stopped.set()

    def is_set(self) -> bool:
        """Returns whether to end."""
        return self._stopped.is_set() or self._now() >= self._end

    @property
    def seconds_left(self) -> float:
        """Seconds until it ends; infinity where it has no end."""
        return -math.inf if self._stopped.is_set() else self._end - self._now()

    @property
    def last_at(self) -> float:
        """When the best so far is to be answered at the latest; infinity: never."""
        return self._began + self.budget.last if math.isfinite(self._began) else math.inf

    def wait(self, seconds: float) -> None:
        """Waits until so many seconds of the budget have passed, or somebody asks to end; not without a budget."""
        if math.isfinite(self._began):
            self._stopped.wait(max(0.0, self._began + min(seconds, self.budget.most) - self._now()))
