"""Pgx on the CPU, in a process of its own that steps when it is told to.

    python benchmarks/pgx_child.py

Pinned to one core. Reads batch sizes from standard input, one a line; plays about 2,048 steps of single games with
each, and answers with the steps per second. The first answer of a batch size comes after compiling it and one run
that is not counted. One step = the mask of legal actions and the observation of 119 planes, which Pgx both keeps in
its state, one random legal action, and a new game where one ended.
"""

import os
import sys
import time
from collections.abc import Callable
from functools import cache

if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

import jax
import jax.numpy as jnp
import pgx
from pgx.experimental import auto_reset

STEPS = 2048
ENVIRONMENT = pgx.make("shogi")
STEP = jax.vmap(auto_reset(ENVIRONMENT.step, ENVIRONMENT.init))


@cache
def compiled(batch: int) -> Callable[[], None]:
    """Compiles the steps of a batch: one scan, whose games go on from call to call."""
    key = jax.random.PRNGKey(0)
    games = [jax.jit(jax.vmap(ENVIRONMENT.init))(jax.random.split(key, batch)), key]

    def play(state, key):
        keys = jax.random.split(key, batch)
        scores = jnp.where(state.legal_action_mask, 0.0, -jnp.inf)
        return STEP(state, jax.vmap(jax.random.categorical)(keys, scores), keys), None

    # The whole last state comes back, so no part of a step, the observation least of all, can be optimised away.
    scan = jax.jit(lambda state, key: jax.lax.scan(play, state, jax.random.split(key, STEPS // batch))[0])

    def run() -> None:
        games[1], key = jax.random.split(games[1])
        games[0] = jax.block_until_ready(scan(games[0], key))

    run()
    return run


def main() -> None:
    """Answers until standard input ends."""
    for line in sys.stdin:
        run = compiled(int(line))
        started = time.perf_counter()
        run()
        print(STEPS / (time.perf_counter() - started), flush=True)


if __name__ == "__main__":
    main()
