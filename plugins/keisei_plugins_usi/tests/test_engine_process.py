"""Real processes: what they load, how they end, and what reaches others; rows are those of `keisei usi-check`."""

import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from keisei_plugins_usi.engine import process, session
from keisei_plugins_usi.engine.options import Options
from keisei_plugins_usi.engine.order import Order
from keisei_plugins_usi.engine.process import read_lines, work

PATIENCE_S = 240
SCRIPT = """
import sys
import keisei_plugins_usi.engine.session as session
from keisei_core.cli import main
session.SIGN_OF_LIFE_S = 0.05
sys.exit(main())
"""
LIGHT = """
import sys
from keisei_core.cli import main
code = main(sys.argv[1:])
print("loaded", [name for name in ("torch", "numba", "numpy") if name in sys.modules], file=sys.stderr)
sys.exit(code)
"""
NOISY = """
import os, subprocess, sys, time
from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)

@hookimpl
def keisei_players():
    return (Component(name="noisy", target="noisy:Noisy", summary="prints and is slow"),)

class Noisy:
    def __init__(self, context):
        time.sleep(0.5)
        print("rubbish")
        os.write(1, b"rubbish\\n")
        subprocess.run(["echo", "rubbish"], check=True)
        for _ in range(400):
            print("x" * 2_000, file=sys.stderr)

    def choose(self, positions, legal):
        print("rubbish")
        return legal.argmax(axis=1).astype("int32")
"""


class Running:
    """An engine in a process of its own, whose stderr nobody reads."""

    def __init__(self, *words: str | Path) -> None:
        self.unread, errors = socket.socketpair()  # as node makes pipes
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, "usi", *map(str, words)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        errors.close()
        self.lines: queue.Queue[str | None] = queue.Queue()
        self.read: list[str] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.decode("ascii"))
        self.lines.put(None)

    def send(self, *lines: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        self.process.stdin.flush()

    def until(self, start: str) -> str:
        """Returns the next line that begins so; fails where the process ends before."""
        while True:
            line = self.lines.get(timeout=PATIENCE_S)
            assert line is not None, f"ended before {start!r}: {self.read[-5:]}"
            self.read.append(line)
            if line.startswith(start):
                return line.rstrip("\n")

    def end(self) -> int:
        """Waits for its end; returns the exit code."""
        try:
            return self.process.wait(PATIENCE_S)
        finally:
            self.process.kill()
            self.reader.join()
            self.unread.close()
            for stream in (self.process.stdin, self.process.stdout):
                assert stream is not None
                stream.close()


@pytest.fixture(scope="module")
def pair(network: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Running]]:
    """Two that start at once: one that searches with a network, one whose player prints all over the place."""
    path = tmp_path_factory.mktemp("noisy") / "noisy.py"
    path.write_text(NOISY)
    both = Running(network), Running("--player", "noisy", "--plugin", path)
    for running in both:
        running.send("usi", "isready")
    for running in both:
        running.until("readyok")
    yield both
    for running in both:
        running.send("quit")
        assert running.end() == 0


@pytest.fixture
def engine(pair: tuple[Running, Running]) -> Running:
    """One that searches; it plays all tests that need a search."""
    return pair[0]


def answered(*words: str | Path, lines: str) -> subprocess.CompletedProcess[str]:
    """Runs an engine on some lines and to the end of input."""
    return subprocess.run(
        [sys.executable, "-c", LIGHT, "usi", *map(str, words)],
        input=lines,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_nothing_heavy_is_loaded_for_usi_and_nothing_said_before(network) -> None:
    """Rows 1, 2, 29 and 30."""
    silent = answered(network, lines="")
    assert (silent.stdout, silent.returncode) == ("", 0)
    told = answered(network, lines="usi\r\nsetoption name USI_Hash value 32\r\nquit\r\n")
    assert told.stdout.startswith("id name Keisei ")
    assert told.stdout.isascii()
    assert told.stdout.endswith("\nusiok\n")
    assert told.stderr == "loaded []\n"
    assert told.returncode == 0


def test_search_is_told_of_and_stopped(engine) -> None:
    """Rows 26, 33 and 36."""
    engine.send("position startpos moves 7g7f", "go infinite")
    info = engine.until("info ")
    engine.send("stop")
    best = engine.until("bestmove ")
    assert info.split(" pv ")[1]
    last = [line for line in engine.read if line.startswith("info ")][-1]
    assert best.split()[1] == last.split(" pv ")[1].split()[0]


def test_ponder_hit_and_miss_are_answered_once_each(engine) -> None:
    """Rows 24, 25, 26 and 28."""
    before = len(engine.read)
    engine.send("position startpos moves 7g7f 3c3d", "go ponder btime 0 wtime 0 byoyomi 300")
    engine.until("info ")
    engine.send("ponderhit")
    engine.until("bestmove ")
    engine.send("position startpos moves 7g7f 3c3d 2g2f 8c8d", "go ponder btime 0 wtime 0 byoyomi 300")
    engine.until("info ")
    engine.send("gameover win")
    engine.until("bestmove ")
    engine.send("stop", "isready")
    engine.until("readyok")
    assert sum(line.startswith("bestmove") for line in engine.read[before:]) == 2


def test_clock_runs_without_anybody_who_stops(engine) -> None:
    """Row 21."""
    for moves in ("", " 2g2f 8c8d"):
        engine.send(f"position startpos moves{moves}", "go btime 0 wtime 0 byoyomi 200")
        engine.until("bestmove ")


def test_mate_is_answered_while_another_look_is_given_up(engine) -> None:
    """Rows 18 and 23."""
    engine.send("position sfen 7lk/9/8G/9/9/9/9/9/9 b G 1", "go mate infinite")
    assert engine.until("checkmate") == "checkmate G*1b"


def test_bad_position_is_told_and_the_next_is_played(engine) -> None:
    """Rows 20 and 42."""
    engine.send("position startpos moves 7g7f 7g7f", "go btime 0 wtime 0 byoyomi 100")
    assert "IllegalMoveError" in engine.until("info string ")
    assert engine.until("bestmove") == "bestmove resign"
    engine.send("position startpos", "go nodes 4")
    assert engine.until("bestmove") != "bestmove resign"


def test_what_is_printed_by_others_reaches_nobody_and_stops_nothing(pair) -> None:
    """Rows 12, 29, 37, 38 and 44."""
    noisy = pair[1]
    noisy.send("position startpos", "go byoyomi 100")
    noisy.until("bestmove 1g1f")
    told = noisy.read[noisy.read.index("usiok\n") + 1 :]
    assert [line for line in told if line != "\n"] == ["readyok\n", *told[-2:]]
    assert "\n" in told
    assert told[-2].startswith("info depth 1 ")


class Broken:
    """A searcher that raises whatever a plugin may."""

    def load(self, values: dict[str, str]) -> None:
        raise RuntimeError("no such luck")

    def search(self, order: Order, tell: object) -> None:
        raise SystemExit("two\nlines")


def test_whatever_is_raised_is_told_in_the_place_of_what_is_asked_for(ready_desk) -> None:
    """Rows 11 and 42."""
    asked, news = ready_desk.jobs, []
    ready_desk.say("go", "go mate 100")
    with pytest.raises(IndexError):
        work(Broken, lambda: asked.pop(0), news.append)
    loaded, move, mate = news
    assert loaded.problem == "RuntimeError: no such luck"
    assert (move.line, move.problem) == ("bestmove resign", "SystemExit: two\nlines")
    assert mate.line == "checkmate timeout"


def test_searcher_that_can_not_be_had_is_told(ready_desk) -> None:
    """Row 42."""
    asked, news = ready_desk.jobs, []
    with pytest.raises(IndexError):
        work(lambda: 1 / 0, lambda: asked.pop(0), news.append)
    assert news[0].problem == "ZeroDivisionError: division by zero"


def test_line_that_the_engine_fails_at_is_told_and_the_next_is_answered(monkeypatch) -> None:
    """Row 42."""
    said = SimpleNamespace(is_broken=False, lines=[], log=lambda *_: None, log_to=lambda _: None)
    said.write = said.lines.append
    lines = [(line, 0.0) for line in (b"position", b"usi", b"quit")]
    monkeypatch.setattr(process, "read_lines", lambda _, put: [put(line) for line in lines])
    monkeypatch.setattr(session, "place_of", lambda _: 1 / 0)

    assert process.serve("Keisei", Options(), Broken, said) == 0
    assert said.lines[0] == "info string ZeroDivisionError: division by zero"
    assert said.lines[-1] == "usiok"


def test_lines_are_handed_on_whole_however_they_come() -> None:
    """Rows 30 and 41."""
    reading, writing = os.pipe()
    got: list[object] = []
    reader = threading.Thread(target=read_lines, args=(reading, got.append))
    reader.start()
    for piece in (b"us", b"i\nisre", b"ady\r\n\nqu", b"it"):
        os.write(writing, piece)
    os.close(writing)
    reader.join(PATIENCE_S)
    os.close(reading)
    assert [event[0] for event in got[:-1]] == [b"usi", b"isready\r", b"", b"quit"]
    assert got[-1] is None


def test_end_of_output_ends_the_process(network) -> None:
    """Row 30."""
    reading, writing = os.pipe()
    command = [sys.executable, "-c", SCRIPT, "usi", str(network)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=writing, stderr=subprocess.DEVNULL) as process:
        os.close(writing)
        os.close(reading)
        process.stdin.write(b"usi\n")
        process.stdin.flush()
        assert process.wait(PATIENCE_S) == 0


def test_log_has_both_sides(network, tmp_path) -> None:
    """Row 38."""
    log = tmp_path / "engine log.txt"
    options = ["LogFile value /none/such", "LogFile value a\0b", f"LogFile value {log}", "No value 3"]
    lines = ["usi", *(f"setoption name {option}" for option in options), "quit", ""]
    done = answered(network, lines="\n".join(lines))
    assert done.returncode == 0
    assert "\ninfo string LogFile: No such file or directory\n" in done.stdout
    assert "\ninfo string LogFile: embedded null byte\n" in done.stdout
    said = [line.split(" ", 1)[1] for line in log.read_text().splitlines()]
    assert said[:2] == ["> setoption name No value 3", "< info string no option No"]


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("nets/none",), "nothing there", 4),
        ((), "expected the path of a network or --player", 2),
        (("nets/none", "--player", "random"), "got both or neither", 2),
        (("--player", "nobody"), "unknown player 'nobody'", 2),
    ],
)
def test_command_line_that_can_not_be_is_told_at_once(words, said, code) -> None:
    done = answered(*words, lines="usi\n")
    assert (done.stdout, done.returncode) == ("", code)
    assert said in done.stderr
