"""Ends what takes too long, or does not come back after the user asked to stop: by a timer, in the main thread.

Nothing is left behind that way: what was called is over when the run goes on. A call of native code that neither
returns nor looks at signals can't be ended.
"""

import math
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from time import monotonic
from types import FrameType
from typing import Final

from keisei_core.distribution import never
from keisei_core.errors import StoppedError

GRACE_S: Final = 5.0
"""How long after a stop was asked for something may go on that does not look for it."""
AGAIN_S: Final = 0.25
"""After which it is interrupted again, where it went on in spite of that."""


class Interruption(BaseException):
    """Raised between two steps of whatever runs; no Exception, since code that means to go on catches those."""


class _Watch:
    """One call, and what ends it."""

    def __init__(self, stop: Callable[[], bool], limit_s: float) -> None:
        self.stop = stop
        self.limit_s = limit_s
        self.began_s = monotonic()
        self.outcome: StoppedError | TimeoutError | None = None
        self.is_over = False

    def look(self, number: int, frame: FrameType | None) -> None:
        """Handles the timer's signal."""
        if self.is_over:
            return
        if self.stop():
            self.outcome = StoppedError("asked to stop, which what was running did not look for")
        elif monotonic() - self.began_s >= self.limit_s:
            self.outcome = TimeoutError(f"took more than {self.limit_s:g} s")
        if self.outcome is not None:
            raise Interruption


_watches: list[_Watch] = []
"""What is watched now, by the outermost `interruptible`."""


@contextmanager
def interruptible(stop: Callable[[], bool] = never, limit_s: float = math.inf) -> Iterator[None]:
    """Ends what is done inside, wherever it is, `GRACE_S` after `stop` says so or once it takes longer than `limit_s`.

    Outside of the main thread, and within another `interruptible`, it watches nothing.

    Raises:
        StoppedError: in the place of whatever came of it, after a stop.
        TimeoutError: likewise, after the limit.
    """
    if _watches or current_thread() is not main_thread():
        yield
        return
    watch = _Watch(stop, limit_s)
    before = signal.signal(signal.SIGALRM, watch.look)
    _watches.append(watch)
    try:
        _ring_in(min(limit_s, GRACE_S if stop() else math.inf))
        try:
            yield
        finally:
            watch.is_over = True
    except BaseException as error:
        if watch.outcome is None:
            raise
        raise watch.outcome from error
    else:
        if watch.outcome is not None:  # it went on as if nothing had been, and made something else of it
            raise watch.outcome
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        _watches.clear()
        signal.signal(signal.SIGALRM, before)


def hurry() -> None:
    """Gives what is watched now `GRACE_S` to look for the stop that was just asked for."""
    if _watches:
        _ring_in(GRACE_S)


def _ring_in(seconds: float) -> None:
    """Lets the timer ring after so many seconds if it does not ring before; then again and again."""
    left, _ = signal.getitimer(signal.ITIMER_REAL)
    if math.isfinite(seconds) and not 0 < left < seconds:
        signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN_S)
