"""Threads that share the rows of a call.

The rows are cut into chunks, the chunks into as many shares as there are threads. A thread takes the chunks of its own
share, which its core's cache knows, then what is left of the others': where a core is busy with other work, the others
do its part. Threads wait awake for the time between two calls, giving up the core to any other, then sleep. One call is
shared at a time; who comes while another is under way, in a thread of its own or in the middle of a chunk, works alone.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from keisei_core.shogi.compile import IS_BOUNDS_CHECKED, inner, kernel, signed, stage
from keisei_core.shogi.rules.atomics import (
    add,
    address,
    exchange_if,
    load,
    lock,
    new_bell,
    new_lock,
    sleep_until_woken,
    store,
    unlock,
    wake_all,
    yield_core,
)
from keisei_core.shogi.rules.tasks import call, keep, task_of
from keisei_core.shogi.tables import Int64Array

LINE: Final = 8
"""Words of a cache line; words that different threads write lie so far apart."""
TURN: Final = 0 * LINE
"""Number of the call, written last when a call begins."""
NUM_THREADS: Final = TURN + 1
"""Written once. Of the other words of this line, a call writes all before it gives out its chunks."""
TASK: Final = TURN + 2
ARGUMENTS: Final = TURN + 3
NUM_ROWS: Final = TURN + 4
CHUNK: Final = TURN + 5
"""Rows of a chunk."""
NUM_DONE: Final = 1 * LINE
"""Chunks done in this call."""
HAS_FAILED: Final = NUM_DONE + 1
"""1 if a chunk of this call raised."""
IS_BUSY: Final = 2 * LINE
"""1 while a call is under way."""
NUM_ASLEEP: Final = 3 * LINE
"""Threads that have to be woken for the next call."""
CALLER_SLEEPS: Final = 4 * LINE
"""1 while the caller has to be woken when the call is done."""
LOCK: Final = 5 * LINE
"""The system's lock, 16 words at most, and two bells of the same size."""
WORK_BELL: Final = 7 * LINE
DONE_BELL: Final = 9 * LINE
HAS_ENDED: Final = 11 * LINE
"""1 once the other threads shall end. A call that is made later still is done by its caller alone."""
TICKETS: Final = 12 * LINE
"""Per share, a line: where its chunks end * `END` + its next chunk, which may be beyond the end."""
END: Final = 1 << 32

STOPPED: Final = -1
OUT_OF_BOUNDS: Final = "a kernel left an array"

FEW_CHUNKS: Final = 3
"""So many are done by the caller alone. Waking another thread costs it 8 microseconds (a 2-core EPYC), two chunks of
about 4; where the others are awake still, less than one."""
CALLER_PATIENCE: Final = 100
WORKER_PATIENCE: Final = 400
"""How often a thread looks, giving up its core in between, before it sleeps; about 0.3 microseconds each."""


@kernel
def prepare(crew: Int64Array, num_threads: int) -> None:
    """Makes the words that a crew of threads shares.

    Args:
        crew: int64 [TICKETS + num_threads * LINE], zeros, overwritten.
        num_threads: the caller's own included.
    """
    crew[NUM_THREADS] = num_threads
    new_lock(address(crew, LOCK), np.uintp(0))
    new_bell(address(crew, WORK_BELL), np.uintp(0))
    new_bell(address(crew, DONE_BELL), np.uintp(0))


@stage
def ring(crew: Int64Array, bell: int) -> None:
    """Wakes who sleeps on a bell."""
    lock(address(crew, LOCK))
    wake_all(address(crew, bell))
    unlock(address(crew, LOCK))


@stage
def begin(crew: Int64Array, task: int, arguments: int, num_rows: int, chunk: int) -> None:
    """Gives out the chunks of a call."""
    num_threads, num_chunks = crew[NUM_THREADS], (num_rows + chunk - 1) // chunk
    crew[TASK], crew[ARGUMENTS], crew[NUM_ROWS], crew[CHUNK] = task, arguments, num_rows, chunk
    crew[HAS_FAILED] = 0
    store(crew, NUM_DONE, 0)
    for share in range(num_threads):
        first, end = num_chunks * share // num_threads, num_chunks * (share + 1) // num_threads
        store(crew, TICKETS + share * LINE, end * END + first)
    store(crew, TURN, load(crew, TURN) + 1)
    if load(crew, NUM_ASLEEP) > 0:
        ring(crew, WORK_BELL)


@stage
def take_chunk(crew: Int64Array, share: int) -> int:
    """Takes the next chunk of a share; -1 if none is left.

    What it takes may belong to the next call already, if the thread comes late; it never is beyond the end of its own.
    """
    ticket = add(crew, TICKETS + share * LINE, 1)
    chunk = ticket & (END - 1)
    return chunk if chunk < ticket >> 32 else signed(-1)


@stage
def work_on(crew: Int64Array, chunk: int) -> None:
    """Does a chunk that was taken: the call can't end before, and its words stay as they are."""
    num_rows, size = crew[NUM_ROWS], crew[CHUNK]
    num_chunks, low = (num_rows + size - 1) // size, chunk * size
    if call(crew[TASK], crew[ARGUMENTS], low, min(low + size, num_rows)):
        store(crew, HAS_FAILED, 1)
    if add(crew, NUM_DONE, 1) == num_chunks - 1 and load(crew, CALLER_SLEEPS):
        ring(crew, DONE_BELL)


@stage
def take_part(crew: Int64Array, thread: int) -> None:
    """Works on what is left of a call, a thread's own share first."""
    num_threads = crew[NUM_THREADS]
    for offset in range(num_threads):
        share = (thread + offset) % num_threads
        chunk = take_chunk(crew, share)
        while chunk >= 0:
            work_on(crew, chunk)
            chunk = take_chunk(crew, share)


@stage
def wait_for_turn(crew: Int64Array, last: int) -> int:
    """Waits for another call than the last one and returns its number, `STOPPED` where the threads shall end."""
    for _ in range(WORKER_PATIENCE):
        if load(crew, TURN) != last:
            break
        yield_core()
    if load(crew, TURN) == last:
        lock(address(crew, LOCK))
        add(crew, NUM_ASLEEP, 1)
        while load(crew, TURN) == last and load(crew, HAS_ENDED) == 0:
            sleep_until_woken(address(crew, WORK_BELL), address(crew, LOCK))
        add(crew, NUM_ASLEEP, -1)
        unlock(address(crew, LOCK))
    return load(crew, TURN) if load(crew, HAS_ENDED) == 0 else signed(STOPPED)


@stage
def wait_until_done(crew: Int64Array, num_chunks: int) -> None:
    """Waits until all chunks of the call are done."""
    for _ in range(CALLER_PATIENCE):
        if load(crew, NUM_DONE) == num_chunks:
            break
        yield_core()
    if load(crew, NUM_DONE) != num_chunks:
        lock(address(crew, LOCK))
        store(crew, CALLER_SLEEPS, 1)
        while load(crew, NUM_DONE) != num_chunks:
            sleep_until_woken(address(crew, DONE_BELL), address(crew, LOCK))
        store(crew, CALLER_SLEEPS, 0)
        unlock(address(crew, LOCK))


@kernel
def follow(crew: Int64Array, thread: int) -> None:
    """Takes part in all calls until `stop`, as one of the other threads."""
    turn = wait_for_turn(crew, 0)
    while turn != STOPPED:
        take_part(crew, thread)
        turn = wait_for_turn(crew, turn)


@kernel
def stop(crew: Int64Array) -> None:
    """Ends the threads that wait for a call."""
    store(crew, HAS_ENDED, 1)
    ring(crew, WORK_BELL)


@kernel
def lead(crew: Int64Array, task: int, arguments: int, num_rows: int, chunk: int) -> int:
    """Calls a task for rows, shared by the threads of a crew; returns 1 if it raised somewhere.

    Args:
        crew: what the threads share.
        task: address, see `task_of`.
        arguments: address of what it takes.
        num_rows: 0 to N - 1.
        chunk: rows that a thread takes at once.
    """
    if num_rows <= FEW_CHUNKS * chunk or crew[NUM_THREADS] == 1 or not exchange_if(crew, IS_BUSY, 0, 1):
        return call(task, arguments, 0, num_rows)
    begin(crew, task, arguments, num_rows, chunk)
    take_part(crew, 0)
    wait_until_done(crew, (num_rows + chunk - 1) // chunk)
    has_failed = signed(crew[HAS_FAILED])
    store(crew, IS_BUSY, 0)
    return has_failed


@stage
def share(crew: Int64Array, num_rows: int, chunk: int, work: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """Does work on rows by the threads of a crew; for kernels.

    Args:
        crew: what the threads share, see `keisei_core.shogi.crew.the_crew`.
        num_rows: rows 0 to N - 1.
        chunk: rows that a thread takes at once, some 4 microseconds of work; see `FEW_CHUNKS`.
        work: an inner function of (low, high, *arguments), which works on rows `low` to `high - 1`; what it
            writes for a row must not depend on others.
        arguments: arrays and integers.
    """
    failed = lead(crew, task_of(work, arguments), keep(arguments), signed(num_rows), signed(chunk))
    if IS_BOUNDS_CHECKED and failed:
        raise IndexError(OUT_OF_BOUNDS)


@inner
def do_all(low: int, high: int, tasks: Int64Array, arguments: Int64Array, block: int) -> None:
    """Does some tasks after the other on a block of rows, which the core's cache keeps meanwhile, then on the next."""
    for first in range(low, high, block):
        for index in range(len(tasks)):
            failed = call(tasks[index], arguments[index], first, min(first + block, high))
            if IS_BOUNDS_CHECKED and failed:
                raise IndexError(OUT_OF_BOUNDS)


@kernel
def lead_all(crew: Int64Array, tasks: Int64Array, arguments: Int64Array, num_rows: int, chunk: int, block: int) -> None:
    """Does several tasks on rows by the threads of a crew.

    Args:
        crew: what the threads share.
        tasks: int64 [T], addresses.
        arguments: int64 [T], addresses of what they take.
        num_rows: rows 0 to N - 1.
        chunk: rows that a thread takes at once.
        block: rows on which one task is done before the next one.
    """
    share(crew, num_rows, chunk, do_all, (tasks, arguments, signed(block)))
