"""The process around a session: one thread reads, one thinks, and this one answers."""

import os
import queue
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from keisei_plugins_usi.engine.options import Options
from keisei_plugins_usi.engine.order import Found, Job, Load, Loaded, Order, Told
from keisei_plugins_usi.engine.session import Session

if TYPE_CHECKING:
    from keisei_plugins_usi.engine.searcher import Searcher

STDIN: Final = 0
READ_BYTES: Final = 65_536
LOOK_S: Final = 1.0
"""Between two looks at what is due."""


class Writer:
    """Writes lines to a file descriptor, each at once and in one piece."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor: Final = descriptor
        self._lock: Final = threading.Lock()
        self.is_broken = False
        """Whether nobody reads any more."""

    def __call__(self, line: str) -> None:
        """Writes a line of 7-bit text."""
        rest = f"{line}\n".encode("ascii", "backslashreplace")
        with self._lock:
            try:
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
            except OSError:
                self.is_broken = True


def serve(name: str, options: Options, searcher_of: Callable[[], "Searcher"], write: Writer) -> int:
    """Speaks USI on stdin until the end; returns the exit code.

    Args:
        name: what the engine is called.
        options: its options.
        searcher_of: imports and makes the searcher, in the thread that thinks.
        write: to stdout.
    """
    events: queue.SimpleQueue[Any] = queue.SimpleQueue()
    jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
    session = Session(name, options, jobs.put, write)
    threading.Thread(target=read_lines, args=(STDIN, events.put), daemon=True, name="usi-reader").start()
    threading.Thread(target=work, args=(searcher_of, jobs.get, events.put), daemon=True, name="usi-thinker").start()
    while session.exit_code is None and not write.is_broken:
        try:
            event = events.get(timeout=LOOK_S)
        except queue.Empty:
            session.tick()
            continue
        if event is None:
            session.end()
        elif isinstance(event, tuple):
            session.receive(*event)
        else:
            session.hear(event)
        session.tick()
    return session.exit_code or 0


def read_lines(descriptor: int, put: Callable[[tuple[bytes, float] | None], None]) -> None:
    """Hands on every line with the time at which it came, and None at the end of input."""
    rest = b""
    while True:
        try:
            read = os.read(descriptor, READ_BYTES)
        except OSError:
            read = b""
        at = time.monotonic()
        *lines, rest = (rest + read).split(b"\n")
        for line in lines if read else [rest]:
            put((line, at))
        if not read:
            put(None)
            return


def work(searcher_of: Callable[[], "Searcher"], get: Callable[[], Job], put: Callable[[Any], None]) -> None:
    """Does one job after another; what goes wrong is told in the place of what was asked for."""
    searcher: Searcher | None = None
    while True:
        job = get()
        try:
            searcher = searcher_of() if searcher is None else searcher
            put(done(searcher, job, put))
        except BaseException as error:
            problem = f"{type(error).__name__}: {error}"
            put(Loaded(problem) if isinstance(job, Load) else failed(job, problem))


def done(searcher: "Searcher", job: Job, put: Callable[[Any], None]) -> Loaded | Found:
    """Does a job."""
    if isinstance(job, Load):
        searcher.load(job.values)
        return Loaded()
    return searcher.search(job, lambda info: put(Told(job, info)))


def failed(order: Order, problem: str) -> Found:
    """Returns the answer to an order that could not be done."""
    return Found(order, "checkmate timeout" if order.go.mate is not None else "bestmove resign", problem=problem)
