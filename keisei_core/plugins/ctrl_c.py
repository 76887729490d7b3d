"""The user's Ctrl-C, told apart from a KeyboardInterrupt that a plugin raises by itself."""

import signal
from collections.abc import Iterator
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
    is_ours = current_thread() is main_thread() and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if not is_ours:
        yield
        return
    signal.signal(signal.SIGINT, _CTRL_C.note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@contextmanager
def terminated_as_by_ctrl_c() -> Iterator[None]:
    """While it is entered, SIGTERM does what Ctrl-C does, unless somebody handles or ignores it already."""
    is_ours = current_thread() is main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if not is_ours:
        yield
        return
    signal.signal(signal.SIGTERM, _CTRL_C.note)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def is_ctrl_c(error: BaseException) -> bool:
    """Tells whether an exception is the user's Ctrl-C: a KeyboardInterrupt that a signal came before.

    Where Python's own handler is in place nobody took note, and every KeyboardInterrupt counts as the user's.
    """
    if not isinstance(error, KeyboardInterrupt):
        return False
    return _CTRL_C.is_pressed or signal.getsignal(signal.SIGINT) is signal.default_int_handler
