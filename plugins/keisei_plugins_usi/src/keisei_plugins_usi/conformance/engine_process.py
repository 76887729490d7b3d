"""An engine as a process: lines in, lines out with the time at which each came, and no wait without an end."""

import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import attrs

from keisei_core.errors import ConfigError

MOST_BYTES: Final = 8 << 20
MOST_LINES: Final = 100_000
"""Who writes more on stdout than one of the two floods it and is read no further."""
STDERR_S: Final = 0.5
"""How long stderr of an engine that has ended is waited for: what it started may hold it open."""
LAST_WORDS: Final = 1024
"""Bytes of stderr that are kept."""
_LOOK_S: Final = 0.05
_PIECE: Final = 1 << 16


@attrs.frozen
class Line:
    """One line of an engine's stdout."""

    raw: bytes
    """Without the line feed."""
    at: float
    """When it came, by `time.monotonic`, in seconds."""

    @property
    def text(self) -> str:
        """The line without blanks around it; bytes that are no ASCII are escapes."""
        return self.raw.decode("ascii", "backslashreplace").strip()

    @property
    def head(self) -> str:
        """The first word; empty for a blank line."""
        return self.text.split(maxsplit=1)[0] if self.text else ""


class EngineProcess:
    """A process that leads a group of its own; one thread reads its stdout, another its stderr."""

    def __init__(self, command: Sequence[str], folder: Path | None = None) -> None:
        """Starts the engine.

        Raises:
            ConfigError: the system can't start it.
        """
        self.started = time.monotonic()
        try:
            self._child = subprocess.Popen(
                list(command),
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            problem = f"expected a command that starts an engine, got {command[0]!r}: {error.strerror}"
            raise ConfigError([problem]) from error
        self.lines: list[Line] = []
        """All that came on stdout so far."""
        self.stderr_bytes = 0
        """How much came on stderr so far."""
        self._last_words = b""
        self._news = threading.Condition()
        self._num_bytes = 0
        self._is_read_out = False
        self._is_deaf, self._is_over = threading.Event(), threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._read_lines, self._read_errors)]
        for thread in self._threads:
            thread.start()

    @property
    def is_flooding(self) -> bool:
        """Tells whether the engine wrote more than anybody reads."""
        return self._num_bytes >= MOST_BYTES or len(self.lines) >= MOST_LINES

    @property
    def last_words(self) -> str:
        """The last line of stderr that is not blank, once the engine has ended."""
        self._threads[1].join(STDERR_S)
        lines = self._last_words.decode("utf-8", "backslashreplace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def send(self, command: bytes, within: float) -> bool:
        """Writes bytes to stdin; False where the engine has ended or did not read them in time."""
        assert self._child.stdin
        end, stdin = time.monotonic() + within, self._child.stdin
        if stdin.closed:
            return False
        os.set_blocking(stdin.fileno(), False)
        while command and (left := end - time.monotonic()) > 0:
            if select.select([], [stdin], [], left)[1]:
                try:
                    command = command[os.write(stdin.fileno(), command[:_PIECE]) :]
                except BrokenPipeError:
                    return False
        return not command

    def close_stdin(self) -> None:
        """Lets the engine see the end of its input."""
        assert self._child.stdin
        self._child.stdin.close()

    def close_stdout(self) -> None:
        """Reads no more: what the engine writes from here on breaks its pipe."""
        self._is_deaf.set()
        self._threads[0].join()

    def line(self, number: int, within: float) -> Line | None:
        """Returns a line by its number, once it is there; None where there is none in time or there will be none."""
        with self._news:
            self._news.wait_for(lambda: len(self.lines) > number or self._is_read_out, max(within, 0))
            return self.lines[number] if len(self.lines) > number else None

    def ended(self, within: float) -> int | None:
        """Returns the exit code, negative for a signal; None where the engine runs on."""
        with suppress(subprocess.TimeoutExpired):
            return self._child.wait(within)
        return None

    def kill(self) -> None:
        """Ends the engine and whatever else is in its group, and waits for it."""
        with suppress(ProcessLookupError, PermissionError):  # macOS has the second for a group that has ended
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        self._is_deaf.set()
        self._is_over.set()
        for thread in self._threads:
            thread.join()
        for stream in (self._child.stdin, self._child.stdout, self._child.stderr):
            assert stream
            with suppress(OSError):
                stream.close()

    def _read_lines(self) -> None:
        stdout, rest = self._child.stdout, b""
        assert stdout
        while not self.is_flooding and (piece := _piece(stdout.fileno(), self._is_deaf)):
            self._num_bytes += len(piece)
            *whole, rest = (rest + piece).split(b"\n")
            at = time.monotonic()
            with self._news:
                self.lines += [Line(raw, at) for raw in whole]
                self._news.notify_all()
        stdout.close()
        with self._news:
            self._is_read_out = True
            self._news.notify_all()

    def _read_errors(self) -> None:
        assert self._child.stderr
        while piece := _piece(self._child.stderr.fileno(), self._is_over):
            self.stderr_bytes += len(piece)
            self._last_words = (self._last_words + piece)[-LAST_WORDS:]


def _piece(descriptor: int, given_up: threading.Event) -> bytes:
    """Waits for bytes; none at the end of the stream, or where nobody is to read it any more."""
    while not given_up.is_set():
        if select.select([descriptor], [], [], _LOOK_S)[0]:
            return os.read(descriptor, _PIECE)
    return b""
