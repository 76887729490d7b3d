"""The threads that step some games together."""

import os
import weakref
from threading import Thread
from typing import Final

import numpy as np

from keisei_core.shogi.rules.scratch import new_scratch
from keisei_core.shogi.rules.threads import (
    DRAWS,
    LINE,
    RESETS,
    TICKETS,
    Team,
    Work,
    prepare,
    stop,
    take_part,
)


class Threads:
    """Steps games on the calling thread and `num_threads - 1` others.

    The others run compiled code only, without Python's lock, until this object is collected or the process ends. A
    forked process starts its own.
    """

    def __init__(self, num_threads: int, work: Work) -> None:
        self._num_threads: Final = num_threads
        self._work: Final = work
        self._scratch: Final = new_scratch()
        self._process = -1

    def step(self, resets: bool, draws: bool) -> None:
        """Plays `work.actions`, see `step_games`."""
        task = resets * RESETS + draws * DRAWS
        is_new = self._process != os.getpid()
        if is_new:
            self._team = new_team(self._num_threads)
        # The first call is made alone: it compiles, and the threads that start afterwards find the code.
        take_part(0, task, self._team, self._work, self._scratch)
        if is_new:
            self._process = os.getpid()
            self._start()

    def _start(self) -> None:
        threads = [
            Thread(target=take_part, args=(number, 0, self._team, self._work, new_scratch()), daemon=True)
            for number in range(1, self._num_threads)
        ]
        for thread in threads:
            thread.start()
        weakref.finalize(self, end, self._team, threads, self._process)


def new_team(num_threads: int) -> Team:
    """Makes what the threads share."""
    words = np.zeros(TICKETS + num_threads * LINE, np.int64)
    address = words.ctypes.data
    prepare(words, address)
    return Team(words, address, num_threads)


def end(team: Team, threads: list[Thread], process: int) -> None:
    """Ends threads, unless they are those of the process that this one was forked from."""
    if process == os.getpid():
        stop(team.words, team.address)
        for thread in threads:
            thread.join()
