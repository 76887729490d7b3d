"""The threads of the process that share the rows of a call: games, planes, masks, mates, lessons.

Kernels hold no lock of Python's and each row stands alone, so that a call's result is the same bit for bit for any
number of threads. A kernel gives out its rows itself (`rules/threads.py`), which costs a microsecond; where Python cuts
the rows and calls kernels for each chunk, it costs some twenty, and other threads do it.
"""

import os
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Thread
from typing import Any, Final

import numpy as np

from keisei_core.shogi.compile import IS_COMPILED
from keisei_core.shogi.rules.threads import LINE, NUM_THREADS, OUT_OF_BOUNDS, TICKETS, follow, lead, prepare, stop
from keisei_core.shogi.tables import Int64Array

MOST_BYTES: Final = 8_192
"""What the arguments of a task may take."""


class Crew:
    """The calling thread and `num_threads - 1` others, which may be none; these are started when first needed.

    They end when this object is collected or the process ends. A forked process starts its own.
    """

    def __init__(self, num_threads: int) -> None:
        self.num_threads = num_threads
        self._others: ThreadPoolExecutor | None = None
        self._process = -1
        self._words, self._words_process = np.zeros(0, np.int64), -1

    def words(self) -> Int64Array:
        """Returns what kernels and the threads that share their rows have in common."""
        if self._words_process != os.getpid():
            self._words, self._words_process = self._enlist(), os.getpid()
        return self._words

    def share_rows(self, num_rows: int, chunk: int, work: Callable[[slice], None]) -> None:
        """Does work on rows, a chunk after the other, each by whoever is free.

        Args:
            num_rows: rows 0 to N - 1.
            chunk: rows taken at once: some 50 microseconds of work, below which handing it over costs more.
            work: called with the rows to work on, from several threads; what it writes for a row must not depend on
                others. The first error that it raises comes out here.
        """
        if num_rows <= chunk or self.num_threads == 1:
            if num_rows:
                work(slice(0, num_rows))
            return
        firsts = count(0, chunk)  # its next() is one step of the interpreter, which threads may share

        def take_part() -> None:
            while (first := next(firsts)) < num_rows:
                work(slice(first, min(first + chunk, num_rows)))

        others = [self._pool().submit(take_part) for _ in range(min(self.num_threads, -(-num_rows // chunk)) - 1)]
        try:
            take_part()
        finally:
            # One that no thread has begun has nothing to do any more: this matters where a worker shares rows itself.
            started = [other for other in others if not other.cancel()]
            for other in started:
                other.exception()
        for other in started:
            other.result()

    def _enlist(self) -> Int64Array:
        """Starts the threads that run kernels only, without Python's lock."""
        words = new_words(self.num_threads)
        if self.num_threads > 1 and IS_COMPILED:
            compile_following()
            numbers = range(1, self.num_threads)
            threads = [Thread(target=follow, args=(words, number), daemon=True) for number in numbers]
            for thread in threads:
                thread.start()
            weakref.finalize(self, end, words, threads, os.getpid())
        return words

    def _pool(self) -> ThreadPoolExecutor:
        """Returns the other threads, those of this process: a fork has none of its parent's."""
        if self._others is None or self._process != os.getpid():
            self._others = ThreadPoolExecutor(self.num_threads - 1, thread_name_prefix="keisei-crew")
            self._process = os.getpid()
        return self._others


def new_words(num_threads: int) -> Int64Array:
    """Makes the words that so many threads share."""
    words = np.zeros(TICKETS + num_threads * LINE, np.int64)
    if IS_COMPILED:
        prepare(words, num_threads)
    else:
        words[NUM_THREADS] = 1  # plain Python would gain nothing from others
    return words


def compile_following() -> None:
    """Compiles what threads run before there are any, since a process may fork meanwhile."""
    words = new_words(1)
    stop(words)
    follow(words, 0)


def end(words: Int64Array, threads: list[Thread], process: int) -> None:
    """Ends threads, unless they are those of the process that this one was forked from."""
    if process == os.getpid():
        stop(words)
        for thread in threads:
            thread.join()


class Bound:
    """Work on rows with its arguments in place: a call hands over nothing but the number of rows."""

    def __init__(self, bind: Callable[..., int], arguments: tuple[Any, ...]) -> None:
        """Makes a task.

        Args:
            bind: a kernel of (memory, *arguments), see `rules.tasks.bind`.
            arguments: arrays, which stay where they are, and numbers, which stay as they are.
        """
        self._memory, self._arguments = np.zeros(MOST_BYTES, np.uint8), arguments
        self._task, self._address = bind(self._memory, *arguments), self._memory.ctypes.data
        assert self._task, "arguments take more memory than MOST_BYTES"

    def __call__(self, num_rows: int, chunk: int) -> None:
        """Works on rows 0 to `num_rows - 1`, shared by the process's threads, of which each takes a chunk at once."""
        if lead(_crew.words(), self._task, self._address, num_rows, chunk):
            raise IndexError(OUT_OF_BOUNDS)


_crew = Crew(1)


def the_crew() -> Int64Array:
    """Returns what kernels that share rows take first: int64, the words of the process's threads."""
    return _crew.words()


def use_crew(num_threads: int) -> None:
    """Decides how many threads work on the kernels of this process, 1 until it is called.

    Raises:
        ValueError: `num_threads` is below 1.
    """
    global _crew
    if num_threads < 1:
        raise ValueError(f"num_threads must be >= 1, got {num_threads}")
    if num_threads != _crew.num_threads:
        _crew = Crew(num_threads)


def share_rows(num_rows: int, chunk: int, work: Callable[[slice], None]) -> None:
    """Does work on rows by the process's threads; see `Crew.share_rows`."""
    _crew.share_rows(num_rows, chunk, work)
