"""Signals to a launcher, on their way to the workers, and to a worker that is not ready for them."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from keisei_core.launching.restarts import Restarts

FORWARDED: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


@contextmanager
def forwarding(
    restarts: Restarts, tell: Callable[[signal.Signals], None], end: Callable[[signal.Signals], None]
) -> Iterator[None]:
    """While it is entered, the first SIGINT, SIGTERM or SIGHUP goes on to the workers as SIGTERM; one more ends them.

    A further SIGHUP, which often comes twice, does not; an ignored one (nohup) stays ignored. What comes after the one
    that ends them does nothing: it would break off their end. SIGUSR1, which asks to save and go on, goes on to them
    whenever it comes. To be entered in the main thread.

    Args:
        restarts: told of the first signal that asks to stop.
        tell: hands a signal to every worker that runs.
        end: called once, by the signal after that; it may raise, where what the main thread waits in lets that through.
    """
    is_ending = False

    def on_signal(number: int, frame: FrameType | None) -> None:
        nonlocal is_ending
        if number == signal.SIGUSR1:
            tell(signal.SIGUSR1)
        elif restarts.stop_requested is None:
            restarts.stop_requested = signal.Signals(number)
            tell(signal.SIGTERM)
        elif number != signal.SIGHUP and not is_ending:
            is_ending = True
            end(signal.Signals(number))

    is_nohup = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    taken = [number for number in FORWARDED if number != signal.SIGHUP or not is_nohup]
    before = {number: signal.signal(number, on_signal) for number in taken}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def blocking(*numbers: signal.Signals) -> Iterator[None]:
    """While it is entered, these signals wait for this thread; what is started meanwhile begins with them blocked."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def no_longer_blocking(number: signal.Signals) -> None:
    """Lets a signal come to this process, which until somebody handles it does nothing; one that waited is gone.

    To be called in the main thread.
    """
    signal.signal(number, do_nothing)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})


def do_nothing(number: int, frame: FrameType | None) -> None:
    """Handles a signal; unlike SIG_IGN it is not inherited by commands that are started."""
