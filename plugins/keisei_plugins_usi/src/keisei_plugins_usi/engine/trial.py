"""A launcher tried as a user interface uses it: started in its folder, greeted, loaded, asked for a move."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import IO, Final

import attrs

from keisei_core.errors import KeiseiError
from keisei_core.shown import shown

LIMIT_S: Final = 900.0
"""For all of it: kernels may have to be compiled, and a large network read from a slow disk."""
STEPS: Final = (("usiok", b"isready\n"), ("readyok", b"position startpos\ngo byoyomi 1000\n"), ("bestmove", b"quit\n"))
"""What is waited for, and what is sent then."""

NO_MOVES: Final = ("", "resign", "win")


class TrialError(KeiseiError):
    """An engine did not do in a trial what it must."""


@attrs.frozen
class Trial:
    """How an engine did."""

    hello_s: float
    """From the start to `usiok`."""
    ready_s: float
    """From `isready` to `readyok`."""
    move_s: float
    """From `go` with one second to `bestmove`."""
    move: str


def try_launcher(path: Path, limit_s: float = LIMIT_S) -> Trial:
    """Starts an engine and has it play one move.

    Args:
        path: the launcher.
        limit_s: seconds after which it is ended.

    Raises:
        TrialError: it ends before, or takes too long, with the last line that it wrote; or it plays no move.
    """
    command = ["cmd.exe", "/c", str(path)] if os.name == "nt" else [str(path)]
    with subprocess.Popen(
        command, cwd=path.parent, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
    ) as process:
        killer = threading.Timer(limit_s, process.kill)
        killer.start()
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            return _played(process.stdin, process.stdout, path)
        finally:
            killer.cancel()
            process.kill()


def _played(stdin: IO[bytes], stdout: IO[bytes], path: Path) -> Trial:
    times, answer, last = [time.monotonic()], "", ""
    lines = (line.decode("utf-8", "backslashreplace").strip() for line in stdout)
    _send(stdin, b"usi\n")
    for awaited, next_words in STEPS:
        for line in _until(lines, awaited):
            last = line or last
            answer = line
        if not answer.startswith(awaited):
            raise TrialError(f"{shown(path)}: expected {awaited}, got an end; its last words: {shown(last) or 'none'}")
        times.append(time.monotonic())
        _send(stdin, next_words)
    for _ in lines:  # until it has ended
        pass
    move = [*answer.split(), ""][1]
    if move in NO_MOVES:
        raise TrialError(f"{shown(path)}: expected a move from the start position, got {shown(answer)}")
    hello_s, ready_s, move_s = (later - earlier for earlier, later in pairwise(times))
    return Trial(hello_s, ready_s, move_s, move)


def _until(lines: Iterator[str], awaited: str) -> Iterator[str]:
    """Yields lines up to one that begins with a word."""
    for line in lines:
        yield line
        if line.startswith(awaited):
            return


def _send(stdin: IO[bytes], words: bytes) -> None:
    try:
        stdin.write(words)
    except OSError:
        return  # it has ended: what it wrote before says why
