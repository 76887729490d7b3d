"""Runs all warm-ups in processes side by side: numba compiles one kernel at a time in each."""

import atexit
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from time import perf_counter
from typing import Any, Final

import attrs

from keisei_core.first_compile import prepare_to_compile
from keisei_core.plugins import load_registry
from keisei_core.shogi.compile import IS_COMPILED
from keisei_core.shogi.compile_lock import CompileLock, announce, lock_of
from keisei_core.shogi.cores import usable_cores
from keisei_core.shogi.kernel_cache import TAKES, KernelCache, cache_of
from keisei_core.warm.warm_ups import Done, WarmUp, installed_warm_ups, kernels_of

OWN: Final = "keisei_core."
MOST_PROCESSES: Final = 4
"""More have too little to do: a few kernels are most of the work."""
FIRST_NEEDED: Final = "keisei_core.warm.core:play"
LATE: Final = tuple(f"keisei_core.warm.core:{name}" for name in ("matches", "branches", "exchanges", "leaves"))
"""What no run comes to before its first update is done."""
BESIDE: Final = 10
"""Niceness of processes that compile what the command does not wait for yet."""


@attrs.frozen(kw_only=True)
class Report:
    """What came of all warm-ups."""

    done: tuple[Done, ...]
    """In the order in which they ended; empty where all kernels were on disk."""
    num_kernels: int
    """All that there are, those of plugins among them."""
    seconds: float
    folders: tuple[str, ...]
    """Where machine code is kept; empty where it can't be."""

    @property
    def num_compiled(self) -> int:
        """Kernels that were not on disk."""
        return sum(len(done.compiled) for done in self.done)

    @property
    def problems(self) -> tuple[str, ...]:
        """A line for each warm-up that failed."""
        return tuple(f"{done.owner}: warm-up {done.target}: {done.problem}" for done in self.done if done.problem)


def compile_missing() -> None:
    """Has all kernels compiled that are not on disk, beside a command that is about to compile one of them; says so.

    The command goes on, and compiles what it comes to before anybody else did.
    """
    place = cache_of(compile_missing) if IS_COMPILED else None
    if not isinstance(place, KernelCache):
        return
    lock = lock_of(Path(place.folder), "keisei-kernels")
    if not lock.attempt():  # another command has them compiled
        return
    warm_ups = sorted(installed_warm_ups(load_registry()), key=lateness)
    own = [warm_up for warm_up in warm_ups if warm_up.target.startswith(OWN)]
    others = [warm_up for warm_up in warm_ups if warm_up not in own]
    # Some plugins load torch, which takes seconds: the processes begin before, with kernels that are not theirs.
    own_missing = num_missing(kernels_of(own))
    missing = own_missing or num_missing(kernels_of(others))
    if missing and (workers := workers_for(warm_ups, usable_cores() - 1, BESIDE)):
        Thread(target=run_beside, args=(warm_ups, workers, lock), daemon=True).start()
    else:
        lock.release()
    if own_missing:
        missing += num_missing(kernels_of(others))
    if missing:
        what = f"{missing} kernel{'s' * (missing > 1)}"
        announce("compiling", f"compiling {what}, once on this machine; {TAKES} (keisei warm does it beforehand)")


def lateness(warm_up: WarmUp) -> int:
    """Sorts what is compiled beside a command: last what the command begins with, which it compiles itself."""
    return 2 if warm_up.target == FIRST_NEEDED else int(warm_up.target in LATE)


def compile_ahead() -> None:
    """Begins with `compile_missing` before a command has loaded torch, where what takes longest is not on disk."""
    from keisei_core.shogi.rules.games import bind_step

    place = getattr(bind_step, "_cache", None)
    if isinstance(place, KernelCache) and not place.is_kept:
        prepare_to_compile()


def compile_all() -> Report:
    """Compiles all kernels that are not on disk and tells what was done."""
    started = perf_counter()
    warm_ups = list(installed_warm_ups(load_registry()))
    kernels = kernels_of(warm_ups)
    return Report(
        done=run(warm_ups, workers_for(warm_ups, usable_cores())) if num_missing(kernels) else (),
        num_kernels=len(kernels),
        seconds=perf_counter() - started,
        folders=tuple(sorted({kernel._cache.folder for kernel in kernels if isinstance(kernel._cache, KernelCache)})),
    )


def num_missing(kernels: list[Any]) -> int:
    """Counts the kernels that are not on disk, of those that have a place there."""
    return sum(isinstance(kernel._cache, KernelCache) and not kernel._cache.is_kept for kernel in kernels)


def workers_for(warm_ups: list[WarmUp], most: int, niceness: int = 0) -> list["Worker"]:
    """Starts processes for warm-ups, at most so many; fewer where the system takes no more."""
    workers: list[Worker] = []
    with suppress(OSError):
        while len(workers) < min(most, MOST_PROCESSES, len(warm_ups)):
            workers.append(Worker(niceness))
    return workers


def run(warm_ups: list[WarmUp], workers: list["Worker"]) -> tuple[Done, ...]:
    """Runs warm-ups in processes side by side, those that stand first beginning first, and ends the processes."""
    waiting, done = iter(warm_ups), list[Done]()
    threads = [Thread(target=worker.work, args=(waiting, done), daemon=True) for worker in workers]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        for worker in workers:
            worker.end()
    left = [
        Done(target=warm_up.target, owner=warm_up.owner, problem="no process was left for it") for warm_up in waiting
    ]
    return (*done, *left)


def run_beside(warm_ups: list[WarmUp], workers: list["Worker"], lock: CompileLock) -> None:
    """Runs warm-ups while the command goes on; a command that ends before ends them."""
    for worker in workers:
        atexit.register(worker.kill)
    run(warm_ups, workers)
    lock.release()


class Worker:
    """One process of `keisei_core.warm.worker`."""

    def __init__(self, niceness: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "keisei_core.warm.worker", str(niceness)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def work(self, waiting: Iterator[WarmUp], done: list[Done]) -> None:
        """Takes one warm-up after another until none is left; a process that ends early leaves what it was at."""
        for warm_up in waiting:
            try:
                done.append(attrs.evolve(self._do(warm_up.target), owner=warm_up.owner))
            except (OSError, ValueError):
                done.append(Done(target=warm_up.target, owner=warm_up.owner, problem="its process ended"))
                return

    def _do(self, target: str) -> Done:
        asked, answers = self._process.stdin, self._process.stdout
        assert asked is not None
        assert answers is not None
        asked.write(f"{target}\n")
        asked.flush()
        told = json.loads(answers.readline())
        return Done(**told | {"compiled": tuple(told["compiled"])})

    def kill(self) -> None:
        """Ends the process, whatever it is at."""
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        """Ends the process and gives back what it took."""
        self.kill()
        self._process.communicate()
