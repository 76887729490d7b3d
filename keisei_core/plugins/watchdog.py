"""Watches how long a plugin takes to load: says whose loading it is, and breaks off what would never end.

A thread looks at the clock, so it is heard while the plugin computes or waits; a signal ends the plugin: it raises in
the main thread, whatever that waits for. Foreign code that never lets go of the interpreter is out of reach.
"""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, Self

import attrs

from keisei_core.streams import say

TOLD_AFTER_S: Final = 3.0
LIMIT_S: Final = 30.0
"""What declares names is imported in milliseconds."""
LOOK_S: Final = 0.1
LIBRARIES: Final = ("numba", "numpy", "torch")
"""Broken off in the middle of their import they would crash the process when they are imported again."""
LIBRARY_LIMIT_S: Final = 300.0
ATTEMPTS: Final = 10
"""So often it is broken off, once a second; who swallows all of them ends the process."""
EXIT_HUNG: Final = 3
_exit = os._exit


class TooLongError(BaseException):
    """Breaks off loading; no Exception, since plugins catch these."""


@attrs.define
class _Watched:
    """What is being loaded."""

    what: str
    remedy: str
    began_s: float = attrs.field(factory=time.monotonic)
    is_told: bool = False
    num_attempts: int = 0
    """How often it was broken off."""

    def say(self, text: str) -> None:
        say(f"keisei: warning: {self.what} {text}; {self.remedy}")


class Watchdog:
    """Watches what is loaded inside, one thing after the other."""

    def __init__(self, limit_s: float | None = None) -> None:
        """Makes a watchdog.

        Args:
            limit_s: for how long each may take; None takes that of declarations.
        """
        self.limit_s = LIMIT_S if limit_s is None else limit_s
        self._watched: _Watched | None = None
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._is_main = threading.current_thread() is threading.main_thread()
        self._handlers: dict[int, Callable[[int, FrameType | None], object] | int | None] = {}

    def __enter__(self) -> Self:
        if self._is_main:
            self._handlers[signal.SIGALRM] = signal.signal(signal.SIGALRM, self._break_off)
        threading.Thread(target=self._look_on, name="keisei-watchdog", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    @contextmanager
    def watching(self, what: str, remedy: str) -> Iterator[None]:
        """Watches one thing.

        Args:
            what: is loaded, with package and version.
            remedy: how to leave it out.

        Raises:
            TooLongError: it takes longer than it may, in the main thread; elsewhere that is only told.
        """
        self._watched = _Watched(what, remedy)
        try:
            yield
        finally:
            with self._lock:  # so that no signal comes later
                self._watched = None

    def _look_on(self) -> None:
        while not self._over.wait(LOOK_S):
            with self._lock:
                if self._watched is not None:
                    self._look(self._watched)

    def _look(self, watched: _Watched) -> None:
        """Says what takes long, and breaks off what takes too long, once a second."""
        age_s = time.monotonic() - watched.began_s
        if age_s > TOLD_AFTER_S and not watched.is_told:
            watched.is_told = True
            watched.say(f"is still loading after {TOLD_AFTER_S:g} s")
        limit_s = max(self.limit_s, LIBRARY_LIMIT_S) if _loads_a_library() else self.limit_s
        if not self._is_main or age_s < limit_s + watched.num_attempts:
            return
        if watched.num_attempts == ATTEMPTS:
            watched.say(f"can't be broken off after {age_s:.0f} s")
            _exit(EXIT_HUNG)
        watched.num_attempts += 1
        if signal.getsignal(signal.SIGALRM) == self._break_off:  # else the plugin has put its own there
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGALRM)

    def _break_off(self, number: int, frame: FrameType | None) -> None:
        if self._watched is not None and self._watched.num_attempts:  # else it is the alarm of somebody else
            raise TooLongError(f"still loading after {self.limit_s:g} s")


def _loads_a_library() -> bool:
    """Tells whether the import of a large library is under way."""
    specs = (getattr(sys.modules.get(name), "__spec__", None) for name in LIBRARIES)
    return any(getattr(spec, "_initializing", False) for spec in specs)
