"""Calls made one after the other in a thread of their own, so that one which never returns holds up nobody."""

import math
import signal
from collections import deque
from collections.abc import Callable
from threading import Condition, Thread
from time import monotonic
from typing import Final

from keisei_core.distribution import never
from keisei_core.run.patience import GRACE_S

LOOK_S: Final = 0.1
"""How often who waits looks at the clock and for a stop."""


class OwnThread:
    """A thread that makes calls in their order until one raises anything. The process ends without waiting for it."""

    def __init__(self, name: str) -> None:
        self._calls: deque[Callable[[], object]] = deque()
        self._changed = Condition()
        self._began_s = 0.0
        self._error: BaseException | None = None
        self._is_closed = False
        Thread(target=self._work, name=name, daemon=True).start()

    def add(self, call: Callable[[], object]) -> None:
        """Puts a call behind those that wait."""
        with self._changed:
            self._began_s = self._began_s if self._calls else monotonic()
            self._calls.append(call)
            self._changed.notify_all()

    def wait(
        self, limit_s: Callable[[], float], num_left: int = 0, stop: Callable[[], bool] = never
    ) -> BaseException | None:
        """Waits until no more than `num_left` calls are left.

        Args:
            limit_s: seconds that one call may take, asked while it is made.
            num_left: the present one included.
            stop: where it says so, the present call has no more than `GRACE_S` left.

        Returns:
            What a call raised, if one did; a TimeoutError where the present one takes longer than it may.
        """
        asked_s = math.inf
        with self._changed:
            while self._error is None and len(self._calls) > num_left:
                now = monotonic()
                asked_s = min(asked_s, now) if stop() else asked_s
                if now - self._began_s > limit_s():
                    return TimeoutError(f"took more than {limit_s():g} s")
                if now - asked_s > GRACE_S:
                    return TimeoutError(f"was not done {GRACE_S:g} s after the stop")
                self._changed.wait(LOOK_S)
            return self._error

    def close(self) -> None:
        """Lets the thread end once the call that it makes returns; the others are dropped."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _work(self) -> None:
        while (call := self._next()) is not None:
            try:
                call()
            except BaseException as error:
                self._end(error)
                return
            self._end()

    def _next(self) -> Callable[[], object] | None:
        # A signal may come to any thread that takes it, and then wakes up no main thread that waits in a call. What a
        # call starts, threads and processes, takes signals as ever.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            with self._changed:
                self._changed.wait_for(lambda: self._calls or self._is_closed)
                if self._is_closed:
                    return None
                return self._calls[0]
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _end(self, error: BaseException | None = None) -> None:
        """Takes note of a call that is over."""
        with self._changed:
            self._error = error
            self._calls.popleft()
            self._began_s = monotonic()  # the next one; who waits may look before it does
            self._changed.notify_all()
