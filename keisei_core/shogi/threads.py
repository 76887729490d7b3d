"""The threads that step some games together."""

import os
import weakref
from threading import Thread
from typing import Any, Final

import numpy as np

from keisei_core.shogi.rules.scratch import new_scratch
from keisei_core.shogi.rules.threads import (
    DRAWS,
    LINE,
    RESETS,
    TICKETS,
    Work,
    prepare,
    stop,
    take_part,
)
from keisei_core.shogi.tables import Int64Array


class Threads:
    """Steps games on the calling thread and `num_threads - 1` others, which may be none.

    The others run compiled code only, without Python's lock, until this object is collected or the process ends. A
    forked process starts its own.
    """

    def __init__(self, num_threads: int, work: Work) -> None:
        self._num_threads: Final = num_threads
        rules = work.rules
        self._arguments: Final[tuple[Any, ...]] = (
            rules.min_random_plies,
            rules.max_random_plies,
            rules.max_plies,
            *work.arrays(),
        )
        self._scratch: Final = new_scratch()
        self._process = -1

    def step(self, resets: bool, draws: bool) -> None:
        """Plays `work.actions`, see `step_games`."""
        task = resets * RESETS + draws * DRAWS
        is_new = self._process != os.getpid()
        if is_new:
            self._words = new_words(self._num_threads)
            self._team = self._words, self._words.ctypes.data, self._num_threads
        # The first call is made alone: it compiles, and the threads that start afterwards find the code.
        take_part(0, task, *self._team, *self._scratch, *self._arguments)
        if is_new:
            self._process = os.getpid()
            if self._num_threads > 1:
                self._start()

    def _start(self) -> None:
        threads = [
            Thread(target=take_part, args=(number, 0, *self._team, *new_scratch(), *self._arguments), daemon=True)
            for number in range(1, self._num_threads)
        ]
        for thread in threads:
            thread.start()
        weakref.finalize(self, end, self._words, threads, self._process)


def new_words(num_threads: int) -> Int64Array:
    """Makes the words that the threads share."""
    words = np.zeros(TICKETS + num_threads * LINE, np.int64)
    prepare(words, words.ctypes.data)
    return words


def end(words: Int64Array, threads: list[Thread], process: int) -> None:
    """Ends threads, unless they are those of the process that this one was forked from."""
    if process == os.getpid():
        stop(words, words.ctypes.data)
        for thread in threads:
            thread.join()
