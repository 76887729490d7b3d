"""Signals to a command: Ctrl-C, told apart from a KeyboardInterrupt that a plugin raises by itself, and its like."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from types import FrameType


class _CtrlC:
    """Whether the user pressed it while somebody took note."""

    def __init__(self) -> None:
        self.is_pressed = False

    def note(self, number: int, frame: FrameType | None) -> None:
        """Handles a signal as Python does SIGINT, but remembers it."""
        self.is_pressed = True
        signal.default_int_handler(number, frame)


_CTRL_C = _CtrlC()


@contextmanager
def noting_ctrl_c() -> Iterator[None]:
    """While it is entered, Ctrl-C is noted before it raises KeyboardInterrupt as ever.

    A handler of somebody else's stays, as does the deafness of a command that was started in the background.
    """
    _CTRL_C.is_pressed = False
    with _handled(signal.SIGINT, _CTRL_C.note, signal.default_int_handler):
        yield


@contextmanager
def terminated_as_by_ctrl_c() -> Iterator[None]:
    """While it is entered, SIGTERM does what Ctrl-C does, unless somebody handles or ignores it already."""
    with _handled(signal.SIGTERM, _CTRL_C.note):
        yield


@contextmanager
def not_ended_by_wish_to_save() -> Iterator[None]:
    """While it is entered, SIGUSR1 does nothing until somebody handles it: a run, once there is something to save."""
    with _handled(signal.SIGUSR1, lambda number, frame: None):  # unlike SIG_IGN not inherited by what is started
        yield


def is_ctrl_c(error: BaseException) -> bool:
    """Tells whether an exception is the user's Ctrl-C: a KeyboardInterrupt that a signal came before.

    Where Python's own handler is in place nobody took note, and every KeyboardInterrupt counts as the user's.
    """
    if not isinstance(error, KeyboardInterrupt):
        return False
    return _CTRL_C.is_pressed or signal.getsignal(signal.SIGINT) is signal.default_int_handler


@contextmanager
def _handled(
    number: signal.Signals,
    handler: Callable[[int, FrameType | None], None],
    default: signal.Handlers | Callable[[int, FrameType | None], None] = signal.SIG_DFL,
) -> Iterator[None]:
    """While it is entered, a handler stands in for Python's own; nothing is done outside of the main thread, either."""
    if current_thread() is not main_thread() or signal.getsignal(number) is not default:
        yield
        return
    signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, default)
