"""The threads of the process that share the rows of a call: masks, planes, mates, lessons.

Kernels hold no lock of Python's and each row stands alone, so that a call's result is the same bit for bit for any
number of threads.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count


class Crew:
    """The calling thread and `num_threads - 1` others, which may be none; these are started when first needed."""

    def __init__(self, num_threads: int) -> None:
        self.num_threads = num_threads
        self._others: ThreadPoolExecutor | None = None
        self._process = -1

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

    def _pool(self) -> ThreadPoolExecutor:
        """Returns the other threads, those of this process: a fork has none of its parent's."""
        if self._others is None or self._process != os.getpid():
            self._others = ThreadPoolExecutor(self.num_threads - 1, thread_name_prefix="keisei-crew")
            self._process = os.getpid()
        return self._others


_crew = Crew(1)


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
