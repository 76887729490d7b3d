"""Steering a run from outside by signals: stop, stop at once, save and go on."""

import os
import signal
from contextlib import suppress
from threading import current_thread, main_thread
from types import FrameType, TracebackType
from typing import Final, Self

from keisei_core.display import ERASE, has_display
from keisei_core.launching.forwarding import do_nothing
from keisei_core.run.patience import hurry

STOPPING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ENDING: Final = (signal.SIGINT, signal.SIGTERM)
"""Those that end the run when they come again. Of a terminal that is closed, kernel and shell both tell by SIGHUP."""
SAVING: Final = signal.SIGUSR1
SAID: Final = b"asked to stop: saves after this minibatch or move; once more ends at once\n"


class StopRequest:
    """While it is entered, the first SIGINT, SIGTERM or SIGHUP asks the run to save and end, SIGUSR1 to save and go on.

    A SIGINT or SIGTERM after that ends the process as the system does it, even from within a call that never returns:
    what is on disk is valid at any time, so there is nothing to tidy up. SIGHUP stays ignored where it is (`nohup`).
    Outside of the main thread, in a notebook's cell or a host that works in threads, signals are the host's: it calls
    `request` and `request_save`.
    """

    def __init__(self) -> None:
        self.requested = False
        self.save_requested = False
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        if current_thread() is not main_thread():  # which alone may set handlers
            return self
        is_nohup = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        for number in STOPPING:
            if number != signal.SIGHUP or not is_nohup:
                self._before[number] = signal.signal(number, self._on_stop)
        self._before[SAVING] = signal.signal(SAVING, self._on_save)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            # The second SIGHUP of a terminal that was closed may come as late as when all is saved.
            is_late = self.requested and number == signal.SIGHUP
            signal.signal(number, do_nothing if is_late else handler)  # type: ignore[arg-type]

    def request(self) -> None:
        """Asks to stop, from any thread; what does not look for it is interrupted where the main thread runs it."""
        self.requested = True
        hurry()

    def request_save(self) -> None:
        """Asks to save and go on, from any thread."""
        self.save_requested = True

    def is_requested(self) -> bool:
        """Tells whether this process was asked to stop."""
        return self.requested

    def take_save_request(self) -> bool:
        """Tells whether this process was asked to save since this was asked last."""
        asked, self.save_requested = self.save_requested, False
        return asked

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        self.request()
        for each in ENDING:
            signal.signal(each, signal.SIG_DFL)
        # Not print: a signal may arrive in the middle of one. Nobody listening any more is no reason to end unsaved.
        with suppress(OSError, ValueError, AttributeError):
            os.write(2, (ERASE.encode() if has_display() else b"") + SAID)

    def _on_save(self, number: int, frame: FrameType | None) -> None:
        self.request_save()
