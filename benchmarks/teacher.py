"""How often the teacher `tactics` leaves out the move that a deeper search by material finds, and what it costs.

    python benchmarks/teacher.py [--positions 200] [--rounds 5] [--json]

One thread. README.md beside this file explains the keys.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.run.machine import commit, processor
from keisei_core.shogi import (
    NUM_ACTIONS,
    NUM_SQUARES,
    PIECE_VALUES,
    Games,
    Positions,
    Starts,
    UInt8Array,
    exchange_values,
    find_sound,
    legal_mask,
)
from keisei_core.shogi.compile import kernel, signed
from keisei_core.shogi.mates import flat_positions
from keisei_core.shogi.rules.generate import BOTH_HANDS
from keisei_plugins_players.search import INFINITE, Stack, choose_moves, new_stack, score_root

MARGINS: Final = (1, 2, 3, 4)
DEPTHS: Final = (3, 4)
GAMES: Final = 64
OPENING: Final = 8
EVERY: Final = 10
"""Plies between the positions taken from a game."""
KINDS: Final[Mapping[str, tuple[int, int, int, float]]] = {
    "middle": (2, 20, 140, 0.0),
    "end": (2, 90, 170, 0.0),
    "loose": (1, 20, 140, 0.2),
}
"""Depth of those who play, first and last ply taken, share of random moves."""


@kernel
def mark_best(
    boards: UInt8Array, hands: UInt8Array, legal: UInt8Array, depth: int, best: UInt8Array, stack: Stack,
    counters: NDArray[np.int64],
) -> None:  # fmt: skip
    """Writes 1 into `best` [N * 2187], zeros before, for every move as good as the best of alphabeta at a depth."""
    for row in range(len(boards) // NUM_SQUARES):
        for square in range(NUM_SQUARES):
            stack.boards[square] = boards[row * NUM_SQUARES + square]
        for kind in range(BOTH_HANDS):
            stack.hands[kind] = hands[row * BOTH_HANDS + kind]
        for action in range(NUM_ACTIONS):
            stack.legal[action] = legal[row * NUM_ACTIONS + action]
        count = score_root(stack, signed(depth), counters)
        top = signed(-INFINITE)
        for index in range(count):
            top = max(top, signed(stack.scores[index]))
        for index in range(count):
            if stack.scores[index] == top:
                best[row * NUM_ACTIONS + stack.moves[index]] = 1


def best_moves(positions: Positions, depth: int) -> NDArray[np.bool_]:
    """Returns all moves that are best by material at a depth, mates included; bool [N, 2187]."""
    best = np.zeros((len(positions), NUM_ACTIONS), np.uint8)
    arrays, counters = flat_positions(positions, legal_mask(positions)), np.zeros(1, np.int64)
    mark_best(*arrays, depth, best.reshape(-1), new_stack(depth), counters)
    return best.view(np.bool_)


def played(depth: int, first: int, last: int, random_moves: float, count: int, seed: int) -> Positions:
    """Returns positions of games that alphabeta plays against itself, drawn from all that were taken."""
    games = Games(GAMES, starts=Starts.standard(random_plies=OPENING), max_plies=320, seed=seed)
    random, found, stack = np.random.default_rng(seed), [], new_stack(depth)
    for ply in range(last):
        if ply >= first and ply % EVERY == 0:
            found.append(games.positions[np.arange(GAMES)])
        actions, is_random = np.zeros(GAMES, np.int32), (random.random(GAMES) < random_moves).astype(np.uint8)
        arrays = flat_positions(games.positions, games.legal)
        choose_moves(*arrays, depth, random.random(GAMES), is_random, actions, stack, np.zeros(1, np.int64))
        games.step(actions)
    positions = Positions.concatenate(found)
    return positions[np.sort(random.permutation(len(positions))[:count])]


def left_out(sound: NDArray[np.bool_], best: NDArray[np.bool_]) -> float:
    """Returns the share of positions in which no best move is sound."""
    return float(1 - (sound & best).any(axis=1).mean())


def of_kind(positions: Positions) -> dict[str, Any]:
    """Measures the teacher on positions: what each margin leaves out and holds."""
    legal, best = legal_mask(positions), {depth: best_moves(positions, depth) for depth in DEPTHS}
    rows = {}
    for margin in MARGINS:
        sound = find_sound(positions, legal, PIECE_VALUES, margin).sound
        out = {f"left_out_{depth}": left_out(sound, best[depth]) for depth in DEPTHS}
        rows[margin] = {**out, "holds": float(sound.sum(axis=1).mean())}
    return {"positions": len(positions), "legal": float(legal.sum(axis=1).mean()), "margins": rows}


def microseconds(work: Callable[[], object], positions: int, rounds: int) -> float:
    """Returns the median time of the thread for a position."""
    work()
    seconds = []
    for _ in range(rounds):
        started = time.thread_time()
        work()
        seconds.append(time.thread_time() - started)
    return median(seconds) / positions * 1e6


def measure(count: int, rounds: int) -> dict[str, Any]:
    """Makes the positions of each kind and measures."""
    kinds = {name: played(*how, count, seed) for seed, (name, how) in enumerate(KINDS.items(), 1)}
    middle = kinds["middle"]
    legal = legal_mask(middle)
    works: dict[str, Callable[[], object]] = {
        f"margin {margin}": partial(find_sound, middle, legal, PIECE_VALUES, margin) for margin in MARGINS
    }
    works["exchanges"] = partial(exchange_values, middle, legal, PIECE_VALUES)
    return {
        "kinds": {name: of_kind(positions) for name, positions in kinds.items()},
        "us_per_position": {name: microseconds(work, len(middle), rounds) for name, work in works.items()},
        "load": os.getloadavg()[0],
        "machine": f"{processor()}, commit {commit()}",
    }


def main() -> None:
    """Measures and prints."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--positions", type=int, default=200, help="of each kind")
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--json", action="store_true", help="print one JSON object")
    given = arguments.parse_args()
    figures = measure(given.positions, given.rounds)
    if given.json:
        print(json.dumps(figures))
        return
    print(
        "| positions | margin | leaves out depth 3 | depth 4 | holds | of legal moves |\n|---|---:|---:|---:|---:|---:|"
    )
    for name, kind in figures["kinds"].items():
        for margin, row in kind["margins"].items():
            out = " | ".join(f"{row[f'left_out_{depth}']:.1%}" for depth in DEPTHS)
            print(f"| {name}, {kind['positions']} | {margin} | {out} | {row['holds']:.1f} | {kind['legal']:.1f} |")
    times = ", ".join(f"{name} {us:.0f}" for name, us in figures["us_per_position"].items())
    print(f"\nµs a position: {times}; {figures['machine']}, load {figures['load']:.1f}")


if __name__ == "__main__":
    main()
