"""How quickly an engine that speaks USI answers: at the start, while it thinks, at its end, and on a short clock.

    python benchmarks/usi.py [--rounds 20] [--moves 1000] [--byoyomi 100] [--json] [COMMAND ...]

COMMAND is that of any engine; without it the network of docs/results/gate/new, as `keisei usi` plays it. Run it on a
machine without other work. Times are those a client sees: from its command to the line, or to the end of the process.
The moves on the clock are games of the engine with itself, begun with two random plies.
"""

import argparse
import json
import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import attrs

from keisei_plugins_usi.conformance.client import Answer, Client
from keisei_plugins_usi.conformance.heard import Heard
from keisei_plugins_usi.conformance.limits import Limits
from keisei_plugins_usi.conformance.position import NO_MOVES, Position
from keisei_plugins_usi.conformance.positions import OPENING

ROOT = Path(__file__).parents[1]
OURS = (str(Path(sys.executable).with_name("keisei")), "usi", str(ROOT / "docs" / "results" / "gate" / "new"))
PATIENT = Limits(timeout=600, ready=600)
LONGEST_GAME = 200
"""Plies after which another game begins."""


@attrs.frozen
class Figure:
    """One row: seconds, and what they should not exceed."""

    name: str
    goal_s: float | None
    seconds: list[float]

    def row(self) -> str:
        """Returns it as a row in Markdown, in milliseconds."""
        middle, worst = statistics.median(self.seconds), max(self.seconds)
        late = sum(seconds > self.goal_s for seconds in self.seconds) if self.goal_s else 0
        goal = f"{1000 * self.goal_s:.0f}" if self.goal_s else ""
        return f"| {self.name} | {len(self.seconds)} | {1000 * middle:.1f} | {1000 * worst:.1f} | {goal} | {late} |"


def started(command: list[str]) -> "closing[Client]":
    """Starts the engine, which ends with the block."""
    return closing(Client(command, PATIENT, Heard()))


@contextmanager
def ready(command: list[str]) -> Iterator[Client]:
    """Starts the engine and gets it ready."""
    with started(command) as client:
        client.hello()
        client.ready()
        yield client


def usiok(command: list[str]) -> float:
    """Returns the time from the start to `usiok`."""
    with started(command) as client:
        client.hello()
        return client.hello_s


def readyok(command: list[str]) -> float:
    """Returns the time from `isready` to `readyok`, kernels compiled before."""
    with ready(command) as client:
        return client.ready_s


def ending(command: list[str], end: Callable[[Client], object], is_thinking: bool) -> float:
    """Returns the time from what ends a ready engine to the end of its process."""
    with ready(command) as client:
        if is_thinking:
            client.go(OPENING, "infinite")
            client.require_silence()
        end(client)
        return client.require_end(PATIENT.timeout)[0]


def stop(client: Client) -> float:
    """Returns the time from `stop` to `bestmove`, after up to half a second of thinking."""
    client.go(OPENING, "infinite")
    client.require_silence(random.random() * 0.5 / PATIENT.hush)
    client.send("stop")
    return client.answer(OPENING, PATIENT.timeout).seconds


def policy_move(client: Client) -> float:
    """Returns the time of a move by the policy alone: one position is looked at."""
    return client.search(a_game(), "nodes 1").seconds


def clocked(client: Client, moves: int, byoyomi: int) -> list[float]:
    """Returns the times of moves in byoyomi."""
    seconds: list[float] = []
    while len(seconds) < moves:
        client.send("usinewgame")
        position = a_game()
        while len(seconds) < moves and len(position.moves) < LONGEST_GAME and not position.is_mated():
            answer: Answer = client.search(position, f"btime 0 wtime 0 byoyomi {byoyomi}")
            seconds.append(answer.seconds)
            if answer.move in NO_MOVES:
                break
            position = position.then(answer.move)
    return seconds


def a_game() -> Position:
    """Returns a game of two random plies."""
    position = Position()
    for _ in range(2):
        position = position.then(random.choice(position.legal()))
    return position


def measure(command: list[str], rounds: int, moves: int, byoyomi: int) -> Iterator[Figure]:
    """Yields the rows of the table."""
    readyok(command)  # kernels that are not on disk yet are compiled here
    few = max(rounds // 4, 1)
    yield Figure("start to usiok", 0.5, [usiok(command) for _ in range(rounds)])
    yield Figure("isready to readyok, warm", 5.0, [readyok(command) for _ in range(few)])
    ends = {"quit": lambda client: client.send("quit"), "end of input": lambda client: client.process.close_stdin()}
    for name, end in ends.items():
        for is_thinking in (False, True):
            when = "thinking" if is_thinking else "idle"
            yield Figure(f"{name} to the end, {when}", 0.5, [ending(command, end, is_thinking) for _ in range(few)])
    with ready(command) as client:
        yield Figure("stop to bestmove", 0.05, [stop(client) for _ in range(5 * rounds)])
        yield Figure("a move by the policy (go nodes 1)", 0.02, [policy_move(client) for _ in range(5 * rounds)])
        yield Figure(f"a move at {byoyomi} ms byoyomi", byoyomi / 1000, clocked(client, moves, byoyomi))


def main() -> None:
    """Prints the table, or the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", nargs=argparse.REMAINDER, help="that of an engine; ours where there is none")
    parser.add_argument("--rounds", type=int, default=20, help="times that the engine is started")
    parser.add_argument("--moves", type=int, default=1000, help="moves on the clock")
    parser.add_argument("--byoyomi", type=int, default=100, help="milliseconds a move")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    random.seed(1)
    command, load, begun = arguments.command or list(OURS), os.getloadavg()[0], time.monotonic()
    if not arguments.json:
        print("| milliseconds | times | median | worst | goal | over it |\n|---|---:|---:|---:|---:|---:|", flush=True)
    figures = []
    for figure in measure(command, arguments.rounds, arguments.moves, arguments.byoyomi):
        figures.append(figure)
        if not arguments.json:
            print(figure.row(), flush=True)
    machine = {"machine": platform.processor() or platform.machine(), "cores": os.cpu_count(), "load_before": load}
    if arguments.json:
        print(json.dumps({"figures": [attrs.asdict(figure) for figure in figures], "command": command, **machine}))
    else:
        print(f"\nload before {load:.1f}, {os.cpu_count()} cores, {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
