"""Terminals and pipes that go away, and streams that were never there: the run goes on, or saves and ends."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import termios

import pytest

NOHUP = "import signal\nsignal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
UNPROTECTED = """
import contextlib, sys
import keisei_core.cli.program as program
import keisei_core.display as display
from keisei_core.streams import SturdyStream

program.sturdy_streams = lambda: contextlib.nullcontext(SturdyStream(sys.stdout))
display.SturdyStream = lambda stream: stream
"""
"""Makes a process whose streams are Python's own."""
UPDATES = 40


class Terminal:
    """A terminal that a process runs on, until it is closed."""

    def __init__(self) -> None:
        self.ours, self.theirs = os.openpty()
        os.set_blocking(self.ours, False)

    def streams(self) -> dict[str, object]:
        """What a process is started with to have it as its controlling terminal."""
        theirs = self.theirs
        return {
            "stdin": theirs, "stdout": theirs, "stderr": theirs, "start_new_session": True,
            "preexec_fn": lambda: fcntl.ioctl(theirs, termios.TIOCSCTTY, 0),
        }  # fmt: skip

    def read(self) -> str:
        """Returns what was shown since it was asked last; a full terminal would hold the process up."""
        try:
            return os.read(self.ours, 1 << 20).decode(errors="replace")
        except BlockingIOError:
            return ""

    def close(self) -> None:
        os.close(self.theirs)
        os.close(self.ours)


@pytest.fixture
def begun(place):
    """Starts a run on a terminal; returns both once two updates are made."""

    def begin(script: str = "", *words: object) -> tuple[Terminal, subprocess.Popen[str]]:
        place.environment = {"TERM": "xterm"}
        terminal, shown = Terminal(), []
        config = place.config(updates=UPDATES, save_every=1000, match_every=4)
        process = place.start("run", config, "--run-dir", "r", *words, script=script, **terminal.streams())

        def is_under_way() -> bool:
            shown.append(terminal.read())
            return place.num_updates() >= 2 and "elapsed" in "".join(shown)  # the live display

        place.wait_for(is_under_way, process)
        return terminal, process

    return begin


def is_complete(place) -> bool:
    """Tells whether the run came to its end, result and all."""
    return place.num_updates() == UPDATES and "score" in json.loads((place.folder / "r" / "result.json").read_text())


def test_run_outlives_its_terminal(place, begun, found):
    terminal, process = begun(NOHUP)
    terminal.close()

    assert process.wait(timeout=120) == 0
    assert is_complete(place)
    found("terminal of a nohup'ed run closed under its live display", "trained to the end, exit 0")


def test_run_whose_streams_are_unprotected_dies_with_its_terminal(place, begun, found, only_in_full):
    """The control: what sturdy streams are for."""
    terminal, process = begun(NOHUP + UNPROTECTED)
    terminal.close()

    assert process.wait(timeout=120) == 1
    assert place.num_updates() < UPDATES
    found("control: the same with Python's own streams", "ended with 1 in the middle, unsaved")


def test_terminal_that_is_closed_saves_and_ends_with_75(place, begun, found):
    terminal, process = begun()
    terminal.close()  # the kernel sends SIGHUP

    assert process.wait(timeout=120) == 75
    assert place.newest() == place.num_updates() >= 2
    found("terminal of a run closed: SIGHUP", "exit 75, saved")


def test_hang_up_that_comes_twice_saves_and_ends_with_75(place, found, only_in_full):
    process = place.begin(after=2, save_every=1000)
    process.send_signal(signal.SIGHUP)
    place.wait_for(lambda: "asked to stop" in place.said(process), process)
    process.send_signal(signal.SIGHUP)

    assert process.wait(timeout=60) == 75
    assert place.newest() == place.num_updates()
    found("SIGHUP twice, as from kernel and shell", "exit 75, saved")


@pytest.mark.parametrize(
    "closed", [pytest.param("2>&-", id="stderr"), pytest.param(">&- 2>&-", id="both"), pytest.param("<&- >&-", id="in")]
)
def test_run_without_streams_trains_to_its_end(place, closed, times, found):
    if closed != ">&- 2>&-" and times(1, 2) == 1:
        pytest.skip("only in `make faults`")
    words = ["run", str(place.config(updates=UPDATES)), "--run-dir", "r"]
    shell = f'exec "$0" -m keisei_core "$@" {closed}'
    done = subprocess.run(["sh", "-c", shell, sys.executable, *words], cwd=place.folder, timeout=240, check=False)

    assert done.returncode == 0
    assert is_complete(place)
    found(f"`keisei run {closed}`", "trained to the end, exit 0")


def test_run_whose_reader_left_trains_to_its_end(place, found):
    words = ["run", str(place.config(updates=UPDATES, match_every=2)), "--run-dir", "r"]
    shell = '"$0" -m keisei_core "$@" 2>&1 | head -n 1; exit "${PIPESTATUS[0]}"'
    done = subprocess.run(["bash", "-c", shell, sys.executable, *words], cwd=place.folder, timeout=240, check=False)

    assert done.returncode == 0
    assert is_complete(place)
    found("`keisei run 2>&1 | head -n 1`", "trained to the end, exit 0")


def test_processes_of_ddp_outlive_their_terminal(place, begun, found, only_in_full):
    terminal, process = begun(NOHUP, "--ddp", "--set", "distribution.processes=2")
    terminal.close()

    assert process.wait(timeout=240) == 0
    assert is_complete(place)
    found("terminal of a nohup'ed run of two processes closed", "trained to the end, exit 0")


def test_terminal_of_ddp_that_is_closed_saves_and_ends_with_75(place, begun, found, only_in_full):
    terminal, process = begun("", "--ddp", "--set", "distribution.processes=2")
    terminal.close()

    assert process.wait(timeout=240) == 75
    assert place.newest() == place.num_updates() >= 2
    found("terminal of a run of two processes closed: SIGHUP", "exit 75, saved")


def test_processes_of_ddp_without_a_stderr_train_to_their_end(place, found, only_in_full):
    words = ["run", str(place.config(updates=UPDATES)), "--run-dir", "r", "--ddp", "--set", "distribution.processes=2"]
    shell = 'exec "$0" -m keisei_core "$@" >&- 2>&-'
    done = subprocess.run(["sh", "-c", shell, sys.executable, *words], cwd=place.folder, timeout=240, check=False)

    assert done.returncode == 0
    assert is_complete(place)
    found("`keisei run --ddp >&- 2>&-`", "trained to the end, exit 0")
