"""A process that has a run folder as a run's own has it, without training."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

HOLD = """
import fcntl, os, signal, sys
lock = open(sys.argv[1], "a+")
fcntl.flock(lock, fcntl.LOCK_EX)
lock.truncate(0)
lock.write(f"{os.getpid()}\\n")
lock.flush()
signal.signal(signal.SIGINT, signal.default_int_handler)

def asked(number, frame):
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_DFL)
    os.write(1, b"asked\\n")  # a signal may come in the middle of a print

for each in sys.argv[2:]:
    signal.signal(int(each), asked)
print("holds", flush=True)
while True:
    signal.pause()
"""


RUN = (signal.SIGTERM, signal.SIGUSR1)
"""What a run handles."""


@contextmanager
def holding(run: Path, *, handles: Sequence[signal.Signals] = RUN) -> Iterator["subprocess.Popen[str]"]:
    """While it is entered, a process that handles signals has the run folder."""
    command = [sys.executable, "-c", HOLD, str(run / "lock"), *(str(int(number)) for number in handles)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            said(process, "holds")
            yield process
        finally:
            process.send_signal(signal.SIGKILL)


def said(process: "subprocess.Popen[str]", word: str) -> None:
    """Waits until a process says a word."""
    assert process.stdout is not None
    assert process.stdout.readline() == f"{word}\n"
