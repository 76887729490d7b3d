"""Where the metrics of a run go: what a tracker must offer, the file metrics.jsonl, and all trackers of a run.

A tracker that fails or hangs is told of once and takes no further part, and never stops the run.
"""

import json
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

from keisei_core.distribution import never
from keisei_core.plugins import Choice
from keisei_core.run.own_thread import OwnThread
from keisei_core.run.watchers import Watchers, WorkingFolder, patience_of

PATIENCE_S: Final = 30.0
"""Seconds that one call of a tracker may take which does not say so itself."""
MOST_WAITING: Final = 64
"""Calls that may wait for a tracker before the run waits for it."""


class Tracker(Protocol):
    """Takes the metrics of every update, in order."""

    def start(self, last_update: int) -> None:
        """Begins, or begins again after a resume.

        Args:
            last_update: the update that the run goes on from, 0 at its beginning; what was logged beyond it is gone.
        """
        ...

    def log(self, update: int, metrics: Mapping[str, float]) -> None:
        """Takes in the metrics of one update; `update` counts from 1."""
        ...

    def close(self) -> None:
        """Ends."""
        ...


def append_line(path: Path, record: Mapping[str, Any]) -> None:
    """Appends one JSON object as a line; an OSError names the file."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def keep_until(path: Path, last_update: int) -> None:
    """Drops every line of an update after `last_update`, and what is no such line, as a killed run may leave one."""
    keep_lines(path, lambda _, line: update_of(line) <= last_update)


def keep_lines(path: Path, is_kept: Callable[[int, str], bool]) -> None:
    """Drops lines of a file that may be there: those whose number, from 0, and text are not kept."""
    if not path.exists():
        return
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    beside = path.with_suffix(".tmp")
    with beside.open("w", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for number, line in enumerate(lines) if is_kept(number, line))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def update_of(line: str) -> float:
    """Returns the update that a whole line is about; infinity where it is about none."""
    try:
        update = json.loads(line)["update"]
    except (LookupError, TypeError, ValueError):
        return math.inf
    return update if isinstance(update, int) else math.inf


class JsonlTracker:
    """Appends to RUN/metrics.jsonl; a number that is nan or inf is written as null."""

    def __init__(self, run_folder: Path) -> None:
        self.path = run_folder / "metrics.jsonl"

    def start(self, last_update: int) -> None:
        """Drops lines beyond the update that a resumed run goes on from."""
        keep_until(self.path, last_update)

    def log(self, update: int, metrics: Mapping[str, float]) -> None:
        """Appends one line."""
        clean = {name: value if math.isfinite(value) else None for name, value in metrics.items()}
        append_line(self.path, {"update": update, **clean})

    def close(self) -> None:
        """Does nothing: every line is written at once."""


class Trackers:
    """Hands every call on to each tracker that still works, which makes it in a thread of its own."""

    def __init__(
        self,
        choices: Sequence[Choice],
        run_folder: Path,
        warn: Callable[[str], None],
        stop: Callable[[], bool] = never,
    ) -> None:
        """Lets the trackers be built.

        Args:
            choices: which ones.
            run_folder: where they may write; absolute.
            warn: is told of a tracker that fails, also if it fails to begin.
            stop: once it says so, nothing waits long for a tracker.
        """
        self._watchers: Watchers[TrackerThread] = Watchers("tracker", choices, warn, stop)
        here = self._watchers.here
        for name, choice in self._watchers.choices.items():
            self._watchers.working[name] = TrackerThread(choice, run_folder, here)

    def start(self, last_update: int) -> None:
        """Begins, or begins again after the update that a run goes on from, and waits until all have."""
        self._add(lambda tracker: tracker.start(last_update))
        self.settle()

    def log(self, update: int, metrics: Mapping[str, float]) -> None:
        """Lets the metrics of one update be logged, each tracker with a copy of its own.

        Waits only for one that is `MOST_WAITING` calls behind.
        """
        frozen = dict(metrics)  # the run may go on with its own meanwhile
        self._add(lambda tracker: tracker.log(update, dict(frozen)))
        self._wait(MOST_WAITING)

    def settle(self) -> None:
        """Waits until all that was handed on is done; a checkpoint then finds its updates logged."""
        self._wait(0)

    def close(self) -> None:
        """Ends all of them, and leaves behind those that do not end."""
        self._add(lambda tracker: tracker.close())
        self.settle()
        for thread in self._watchers.working.values():
            thread.close()
        self._watchers.working.clear()

    def _add(self, call: Callable[[Tracker], object]) -> None:
        for thread in self._watchers.working.values():
            thread.add(call)

    def _wait(self, num_left: int) -> None:
        """Waits until each has no more than so many calls before it; goes on without those that fail or hang."""
        for name, thread in list(self._watchers.working.items()):
            error = thread.wait(num_left, self._watchers.stop)
            if thread.has_moved:
                self._watchers.tell_of_moving(name)
            if error is not None:
                thread.close()
                self._watchers.leave(name, error)


class TrackerThread:
    """One tracker and the thread in which it is built and called, in order."""

    def __init__(self, choice: Choice, run_folder: Path, here: WorkingFolder) -> None:
        """Lets the tracker be built.

        Args:
            choice: which one.
            run_folder: where it may write.
            here: put back after every call.
        """
        self.tracker: Tracker | None = None
        self.here = here
        self.has_moved = False
        """True once it has changed the working folder."""
        self.limit_s = PATIENCE_S
        self._thread = OwnThread(f"tracker {choice.name}")
        self._thread.add(lambda: self._build(choice, run_folder))

    def add(self, call: Callable[[Tracker], object]) -> None:
        """Puts a call behind those that wait."""
        self._thread.add(lambda: self._make(call))

    def wait(self, num_left: int, stop: Callable[[], bool]) -> BaseException | None:
        """Waits; see `OwnThread.wait`."""
        return self._thread.wait(lambda: self.limit_s, num_left, stop)

    def close(self) -> None:
        """Lets the thread end."""
        self._thread.close()

    def _build(self, choice: Choice, run_folder: Path) -> None:
        with self._staying_here():
            self.tracker = choice.build(run_folder)
            self.limit_s = patience_of(self.tracker, PATIENCE_S)

    def _make(self, call: Callable[[Tracker], object]) -> None:
        assert self.tracker is not None
        with self._staying_here():
            call(self.tracker)

    @contextmanager
    def _staying_here(self) -> Iterator[None]:
        try:
            yield
        finally:
            self.has_moved |= self.here.put_back()
