"""Stepping games on several threads.

The games are cut into as many shares as there are threads, each share into chunks. A thread takes the chunks of its own
share, which its core's cache knows, then what is left of the others': where a core is busy with other work, the others
do its part. Threads wait awake for the time between two calls, giving up the core to any other, then sleep.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from keisei_core.shogi.compile import kernel, signed, stage
from keisei_core.shogi.positions import UInt8Array
from keisei_core.shogi.rules.atomics import (
    add,
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
from keisei_core.shogi.rules.games import GameArrays, PositionArrays, Rules, step_games
from keisei_core.shogi.rules.scratch import Scratch
from keisei_core.shogi.tables import Int32Array, Int64Array, UInt64Array

CHUNKS: Final = 8
"""Chunks of a share."""
LINE: Final = 8
"""Words of a cache line; words that different threads write lie so far apart."""
TURN: Final = 0 * LINE
"""Number of the call, written last when a call begins."""
TASK: Final = 1 * LINE
"""`RESETS`, `DRAWS`, both or neither."""
NUM_DONE: Final = 2 * LINE
"""Chunks done in this call."""
NUM_ASLEEP: Final = 3 * LINE
"""Threads that have to be woken for the next call."""
CALLER_SLEEPS: Final = 4 * LINE
"""1 while the caller has to be woken when the call is done."""
LOCK: Final = 5 * LINE
"""The system's lock, 16 words at most, and two bells of the same size."""
WORK_BELL: Final = 7 * LINE
DONE_BELL: Final = 9 * LINE
ENDED: Final = 11 * LINE
"""1 once the other threads shall end. A call that is made later still is done by its caller alone."""
TICKETS: Final = 12 * LINE
"""Per share, a line: number of the call * `TICKET_BASE` + next chunk."""
TICKET_BASE: Final = 256

STOPPED: Final = -1
RESETS: Final = 1
DRAWS: Final = 2

CALLER_PATIENCE: Final = 100
WORKER_PATIENCE: Final = 400
"""How often a thread looks, giving up its core in between, before it sleeps; about 0.3 microseconds each."""


class Work(NamedTuple):
    """The games that the threads work on."""

    actions: Int32Array
    """int32 [B]."""
    positions: PositionArrays
    games: GameArrays
    final: PositionArrays
    rules: Rules

    def arrays(self) -> tuple[NDArray[Any], ...]:
        """Returns all arrays, in the order in which they stand here."""
        return (self.actions, *self.positions, *self.games, *self.final, *self.rules.starts)


POSITIONS: Final = 1
GAMES: Final = POSITIONS + len(PositionArrays._fields)
FINAL: Final = GAMES + len(GameArrays._fields)
STARTS: Final = FINAL + len(PositionArrays._fields)
"""Where they begin."""


@kernel
def prepare(words: Int64Array, address: int) -> None:
    """Makes the lock and the bells."""
    nowhere = np.uintp(0)
    new_lock(np.uintp(address + 8 * LOCK), nowhere)
    new_bell(np.uintp(address + 8 * WORK_BELL), nowhere)
    new_bell(np.uintp(address + 8 * DONE_BELL), nowhere)


@stage
def ring(address: int, bell: int) -> None:
    """Wakes who sleeps on a bell."""
    lock(np.uintp(address + 8 * LOCK))
    wake_all(np.uintp(address + 8 * bell))
    unlock(np.uintp(address + 8 * LOCK))


@stage
def begin(words: Int64Array, address: int, num_threads: int, task: int) -> None:
    """Gives out the chunks of a call."""
    turn = load(words, TURN) + 1
    store(words, TASK, task)
    store(words, NUM_DONE, 0)
    for share in range(num_threads):
        store(words, TICKETS + share * LINE, turn * TICKET_BASE)
    store(words, TURN, turn)
    if load(words, NUM_ASLEEP) > 0:
        ring(address, WORK_BELL)


@stage
def take_chunk(words: Int64Array, ticket: int) -> int:
    """Takes the next chunk of a share; -1 if none is left."""
    chunk = signed(-1)
    looks = True
    while looks:
        seen = load(words, ticket)
        looks = False
        if seen % TICKET_BASE < CHUNKS:
            if exchange_if(words, ticket, seen, seen + 1):
                chunk = signed(seen % TICKET_BASE)
            else:
                looks = True
    return chunk


@stage
def wait_for_turn(words: Int64Array, address: int, last: int) -> int:
    """Waits for another call than the last one and returns its number, `STOPPED` where the threads shall end."""
    for _ in range(WORKER_PATIENCE):
        if load(words, TURN) != last:
            break
        yield_core()
    if load(words, TURN) == last:
        lock(np.uintp(address + 8 * LOCK))
        add(words, NUM_ASLEEP, 1)
        while load(words, TURN) == last and load(words, ENDED) == 0:
            sleep_until_woken(np.uintp(address + 8 * WORK_BELL), np.uintp(address + 8 * LOCK))
        add(words, NUM_ASLEEP, -1)
        unlock(np.uintp(address + 8 * LOCK))
    return load(words, TURN) if load(words, ENDED) == 0 else signed(STOPPED)


@stage
def wait_until_done(words: Int64Array, address: int, num_chunks: int) -> None:
    """Waits until all chunks of the call are done."""
    for _ in range(CALLER_PATIENCE):
        if load(words, NUM_DONE) == num_chunks:
            break
        yield_core()
    if load(words, NUM_DONE) != num_chunks:
        lock(np.uintp(address + 8 * LOCK))
        store(words, CALLER_SLEEPS, 1)
        while load(words, NUM_DONE) != num_chunks:
            sleep_until_woken(np.uintp(address + 8 * DONE_BELL), np.uintp(address + 8 * LOCK))
        store(words, CALLER_SLEEPS, 0)
        unlock(np.uintp(address + 8 * LOCK))


@kernel
def stop(words: Int64Array, address: int) -> None:
    """Ends the threads that wait for a call."""
    store(words, ENDED, 1)
    ring(address, WORK_BELL)


@kernel
def take_part(
    thread: int, task: int, words: Int64Array, address: int, num_threads: int,
    rows: UInt8Array, row_words: UInt64Array, listed: Int64Array,
    min_random_plies: int, max_random_plies: int, max_plies: int, *arrays: NDArray[Any],
) -> None:  # fmt: skip
    """Runs one call as its caller (thread 0), or all calls until `stop` as one of the other threads.

    One kernel for both, because each that contains the rules costs seconds of compile time. Takes the arrays of `Work`
    and `Scratch` one by one, because tuples in tuples cost 5 microseconds a call.

    Args:
        thread: Number of the thread.
        task: What the call does, for its caller.
        words: int64 [TICKETS + num_threads * LINE], the words named above, shared by the threads.
        address: Of `words`.
        num_threads: Of them all.
        rows, row_words, listed: The thread's `Scratch`.
        min_random_plies, max_random_plies, max_plies: See `Rules`.
        arrays: See `Work.arrays`.
    """
    scratch = Scratch(rows, row_words, listed)
    positions, games = PositionArrays(*arrays[POSITIONS:GAMES]), GameArrays(*arrays[GAMES:FINAL])
    final = PositionArrays(*arrays[FINAL:STARTS])
    rules = Rules(PositionArrays(*arrays[STARTS:]), min_random_plies, max_random_plies, max_plies)
    actions = arrays[0]
    num_games, num_chunks = len(actions), num_threads * CHUNKS
    turn = signed(0)
    if thread == 0:
        begin(words, address, num_threads, task)
    else:
        turn = wait_for_turn(words, address, turn)
    while turn != STOPPED:
        for offset in range(num_threads):
            share = (thread + offset) % num_threads
            chunk = take_chunk(words, TICKETS + share * LINE)
            while chunk >= 0:
                # Read after a chunk was taken: a thread that comes late may have taken one of the next call.
                current = load(words, TASK)
                part = share * CHUNKS + chunk
                low, high = num_games * part // num_chunks, num_games * (part + 1) // num_chunks
                step_games(
                    low, high, actions, positions, games, final, rules,
                    current & RESETS != 0, current & DRAWS != 0, scratch,
                )  # fmt: skip
                if add(words, NUM_DONE, 1) == num_chunks - 1 and load(words, CALLER_SLEEPS):
                    ring(address, DONE_BELL)
                chunk = take_chunk(words, TICKETS + share * LINE)
        if thread == 0:
            wait_until_done(words, address, num_chunks)
            turn = signed(STOPPED)
        else:
            turn = wait_for_turn(words, address, turn)
