"""Stopping a run from outside: the first signal asks it to save and end, the second ends it at once."""

import os
import signal
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Self


class StopRequest:
    """While it is entered, SIGINT and SIGTERM set `requested` instead of ending the process."""

    def __init__(self) -> None:
        self.requested = False
        self._before: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            raise KeyboardInterrupt
        self.requested = True
        # Not print: a signal may arrive in the middle of one. Nobody listening any more is no reason to end unsaved.
        with suppress(OSError):
            os.write(2, b"\nasked to stop: ending once this update or match is through; once more ends at once\n")
