"""The process that trains a run: found by the lock of the run folder, asked to save and end as Ctrl-C asks it.

A number in a file is no proof: the process may be gone and its number another's, or it may run on another machine. The
one that is meant has the lock file open, which Linux tells its owner (proc(5), `/proc/PID/fd`); elsewhere it is not
looked for. A second signal would end the process at once, so none is sent to one that does not handle it (`SigCgt`). A
run in a thread of a host leaves signals to that host, which may handle SIGTERM its own way and end unsaved.
"""

import os
import signal
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Final

import attrs

from keisei_core.run.folder import LOCK

PROC: Final = Path("/proc")
ASKING: Final = signal.SIGTERM
"""Saves and ends a run; unlike SIGINT, Python handles it only once the run has begun to."""
SAVES: Final = (ASKING, signal.SIGUSR1)
"""Handled together by a run in its main thread (`keisei_core.run.stop`)."""


class Phase(StrEnum):
    """What is known of the process."""

    NONE = "none"
    """No process of this machine has the run."""
    STARTING = "starting"
    """It does not listen yet, not any more, or leaves signals to its host: it would end unsaved."""
    READY = "ready"
    """It would save and end."""
    STOPPING = "stopping"
    """It was asked to, and would end at once if it were asked again."""
    HIDDEN = "hidden"
    """It is another user's, or this system does not tell."""


@attrs.frozen
class RunProcess:
    """The process of a run."""

    pid: int
    """0 where there is none."""
    phase: Phase

    @classmethod
    def of(cls, run: Path) -> "RunProcess":
        """Finds the process of a run."""
        lock = run / LOCK
        pid = _named_in(lock)
        if not pid:
            return cls(0, Phase.NONE)
        if not (PROC / "self" / "fd").is_dir():
            return cls(pid, Phase.HIDDEN)
        try:
            return cls(pid, _phase(pid)) if _has_open(pid, lock) else cls(0, Phase.NONE)
        except PermissionError:
            return cls(pid, Phase.HIDDEN)
        except OSError:  # it ended just now
            return cls(0, Phase.NONE)


class Stopper:
    """Asks the process of a run to save and end, once each time that it takes the run: it may be slow to notice."""

    def __init__(self, run: Path) -> None:
        """Begins with nobody asked."""
        self.run = run
        self._turn = Lock()
        self._asked = (0, 0)
        """The process that was asked last, and when it took the run, in ns."""

    def ask(self) -> RunProcess:
        """Asks, if the process is ready for that and was not asked; returns it as it was before.

        May be called from several threads, which wait for each other.
        """
        with self._turn:
            found = RunProcess.of(self.run)
            try:
                return self._ask(found) if found.phase == Phase.READY else found
            except OSError:  # it ended just now
                return RunProcess(0, Phase.NONE)

    def _ask(self, found: RunProcess) -> RunProcess:
        whom = (found.pid, (self.run / LOCK).stat().st_mtime_ns)
        if whom == self._asked:
            return RunProcess(found.pid, Phase.STOPPING)
        handle = os.pidfd_open(found.pid)
        try:
            same = RunProcess.of(self.run)  # looked at again: whom the handle means can't be another from here on
            if same == found:
                signal.pidfd_send_signal(handle, ASKING)
                self._asked = whom
            return same
        finally:
            os.close(handle)


def _named_in(lock: Path) -> int:
    """Returns the process that wrote its number into the lock last; 0 where there is none."""
    try:
        return int(lock.read_text(encoding="ascii").strip() or 0)
    except (OSError, ValueError):
        return 0


def _has_open(pid: int, file: Path) -> bool:
    """Tells whether a process has a file open.

    Raises:
        OSError: there is no such process, or it is another user's.
    """
    wanted = file.stat()
    with os.scandir(PROC / str(pid) / "fd") as entries:
        return any(_is_same(Path(entry.path), wanted) for entry in entries)


def _is_same(path: Path, wanted: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), wanted)
    except OSError:  # closed meanwhile, or nothing with a path
        return False


def _phase(pid: int) -> Phase:
    """Tells from the signals that a process handles whether it would save and end."""
    status = (PROC / str(pid) / "status").read_text(encoding="utf-8", errors="replace")
    words = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
    handled, ignored = int(words["SigCgt"], 16), int(words["SigIgn"], 16)
    if all(handled & _bit(number) for number in SAVES):
        return Phase.READY
    was_asked = not (handled & _bit(ASKING) or (handled | ignored) & _bit(signal.SIGINT))
    return Phase.STOPPING if was_asked else Phase.STARTING


def _bit(number: signal.Signals) -> int:
    return 1 << (number - 1)
