"""One worker as the process sees it that starts it."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from keisei_core.launching.forwarding import blocking
from keisei_core.launching.outcome import FOLDER, Outcome
from keisei_core.launching.place import Place

GRACE_S: Final = 5.0
"""Seconds that a worker has for ending before it is killed."""


def worker_words(folder: Path) -> tuple[str, ...]:
    """Returns what follows `python` on the command line of a worker, which ends when this process does.

    To be started while SIGUSR1 is blocked (see `blocking`), which ends a process that does not know of it yet.

    Args:
        folder: holds the job (see `write_job`); where its environment names it in `FOLDER`, the outcome goes there.
    """
    return "-P", "-m", "keisei_core.launching", str(folder), str(os.getpid())


class Worker:
    """A rank's process, a child of this one, which leaves its outcome in a folder."""

    def __init__(self, folder: Path, place: Place, **popen: Any) -> None:
        """Starts it.

        Args:
            folder: on this machine, this user's alone, with the job in it (see `write_job`).
            place: where it stands among the others.
            popen: further arguments of `subprocess.Popen`: where its output goes, its folder; not its environment.
        """
        self.folder = folder
        self.place = place
        with blocking(signal.SIGUSR1):
            self.process = subprocess.Popen(
                [sys.executable, *worker_words(folder)],
                env={**os.environ, **place.to_environment(), FOLDER: str(folder)},
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # a terminal's Ctrl-C would reach it beside the signal that is handed on
                **popen,
            )

    @property
    def code(self) -> int | None:
        """Its exit code, negative for a signal; None while it runs."""
        return self.process.poll()

    @property
    def outcome(self) -> Outcome | None:
        """How it says that it ended; None where it left nothing."""
        return Outcome.read(self.folder, self.place.rank, self.place.attempt)

    def tell(self, number: signal.Signals) -> None:
        """Hands a signal on; one that has ended gets none."""
        self.process.send_signal(number)

    def end(self) -> None:
        """Ends it, a frozen one too; with force after a moment."""
        for number in (signal.SIGTERM, signal.SIGCONT):
            self.process.send_signal(number)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE_S)
        self.process.kill()
        self.process.wait()
