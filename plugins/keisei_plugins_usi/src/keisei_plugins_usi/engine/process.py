"""The process around a session: one thread reads, one thinks, and the main one answers."""

import os
import queue
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from keisei_plugins_usi.engine.info import info_string
from keisei_plugins_usi.engine.options import Options
from keisei_plugins_usi.engine.order import RESIGN, UNDECIDED, Found, Job, Load, Loaded, Told
from keisei_plugins_usi.engine.session import Session
from keisei_plugins_usi.engine.streams import Streams

if TYPE_CHECKING:
    from keisei_plugins_usi.engine.searcher import Searcher

STDIN: Final = 0
READ_BYTES: Final = 65_536
LONGEST_WAIT_S: Final = 3600.0
Put = Callable[[Any], None]


def serve(name: str, options: Options, searcher_of: Callable[[], "Searcher"], streams: Streams) -> int:
    """Speaks USI on stdin until the end; returns the exit code.

    Args:
        name: what the engine is called.
        options: its options.
        searcher_of: imports and makes the searcher, in the thread that thinks.
        streams: of this process.
    """
    events: queue.SimpleQueue[Any] = queue.SimpleQueue()
    jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
    session = Session(name, options, jobs.put, streams.write)
    threading.Thread(target=read_lines, args=(STDIN, events.put), daemon=True, name="usi-reader").start()
    threading.Thread(target=work, args=(searcher_of, jobs.get, events.put), daemon=True, name="usi-thinker").start()
    while session.exit_code is None and not streams.is_broken:
        try:
            take_next(session, events, streams)
        except Exception as error:  # one line that we fail at must not lose a game
            streams.write(info_string(f"{type(error).__name__}: {error}"))
    return session.exit_code or 0


def take_next(session: Session, events: "queue.SimpleQueue[Any]", streams: Streams) -> None:
    """Hands the session what comes next: a line, news, the end of input, or that nothing came in time."""
    wait_s = min(max(0.0, session.due_at - time.monotonic()), LONGEST_WAIT_S)
    try:
        event = events.get(timeout=wait_s)
    except queue.Empty:
        session.tick()
        return
    if event is None:
        session.end()
    elif isinstance(event, tuple):
        streams.log(">", event[0])
        session.receive(*event)
        streams.log_to(session.options.text("LogFile"))
    else:
        session.hear(event)


def read_lines(descriptor: int, put: Put) -> None:
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


def work(searcher_of: Callable[[], "Searcher"], get: Callable[[], Job], put: Put) -> None:
    """Does one job after another; what goes wrong is told in the place of what was asked for."""
    searcher: Searcher | None = None
    while True:
        job = get()
        try:
            searcher = searcher_of() if searcher is None else searcher
            put(done(searcher, job, put))
        except BaseException as error:  # a plugin may raise anything, and somebody waits for an answer
            put(failed(job, f"{type(error).__name__}: {error}"))


def done(searcher: "Searcher", job: Job, put: Put) -> Loaded | Found:
    """Does a job."""
    if isinstance(job, Load):
        searcher.load(job.values)
        return Loaded()
    return searcher.search(job, lambda info: put(Told(job, info)))


def failed(job: Job, problem: str) -> Loaded | Found:
    """Returns the answer to a job that could not be done."""
    if isinstance(job, Load):
        return Loaded(problem)
    return Found(job, RESIGN if job.go.mate is None else UNDECIDED, problem=problem)
