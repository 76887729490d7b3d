"""An engine as a process: lines in, lines out, no wait without an end, no memory without a bound, no orphan.

Knows nothing of any protocol; see dialects.
"""

import os
import select
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from keisei_core.arena import ForfeitKind
from keisei_core.errors import KeiseiError
from keisei_core.shown import shown

LEASH: Final = Path(__file__).with_name("leash.py")
MOST_LINES: Final = 1_000
"""Unread ones that are kept, the last ones."""
LAST_WORDS: Final = 20
LONGEST_LINE: Final = 1 << 16
"""Bytes; the rest of a longer one is left out."""
LONGEST_SHOWN: Final = 200
"""Characters of a line among the last words."""
GRACE_S: Final = 2.0
"""For so long an engine may take to quit."""
SOON_S: Final = 1.0
"""For so long its exit code is waited for once it fell silent."""
PIECE: Final = 1 << 16


class EngineFaultError(KeiseiError):
    """An engine did not do what it must, and loses its game."""

    def __init__(self, kind: ForfeitKind, reason: str, last_words: tuple[str, ...] = ()) -> None:
        self.kind = kind
        self.last_words = last_words
        """Of an engine that did not become ready; of another one its process has them."""
        super().__init__(reason)


class EngineProcess:
    """A running engine; two threads read what it writes, whether anybody asks for it or not."""

    def __init__(self, command: Sequence[str], folder: str, answers: tuple[str, ...]) -> None:
        """Starts it.

        Args:
            command: the program and its arguments.
            folder: where it works; empty for where this process does.
            answers: how lines of stdout begin that are kept until somebody reads them; all are last words.

        Raises:
            EngineFaultError: the system starts no more.
        """
        try:
            self._child, self._hold = _on_leash(command, folder)
        except OSError as error:
            raise EngineFaultError(ForfeitKind.DEATH, f"can't be started: {error.strerror}") from error
        self._begin_answers = answers
        self._answers = deque[str](maxlen=MOST_LINES)
        self._heard = deque[str](maxlen=LAST_WORDS)
        self._news = threading.Condition()
        self._is_over = False
        assert self._child.stdin
        os.set_blocking(self._child.stdin.fileno(), False)
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._read_stdout, self._read_stderr)]
        for thread in self._threads:
            thread.start()

    @property
    def last_words(self) -> tuple[str, ...]:
        """The last lines that were heard, those of stderr among them, and how the process ended if it did."""
        code = self._child.poll()
        return (*self._heard, *([] if code is None else [f"(ended with exit code {code})"]))

    def send(self, line: str, within_s: float) -> None:
        """Sends a line.

        Raises:
            EngineFaultError: the engine is gone, or does not read.
        """
        assert self._child.stdin
        stdin, left, end = self._child.stdin.fileno(), f"{line}\n".encode(), time.monotonic() + within_s
        while left:
            if not select.select([], [stdin], [], max(end - time.monotonic(), 0))[1]:
                raise EngineFaultError(ForfeitKind.SILENCE, f"did not read {line!r} within {within_s:g} s")
            try:
                left = left[os.write(stdin, left) :]
            except OSError as error:
                raise self._gone(f"{line!r} can't be sent") from error

    def read(self, deadline_s: float) -> str | None:
        """Returns the next line that is an answer, None where none comes until then (by `time.monotonic`).

        Raises:
            EngineFaultError: none will come: the engine is gone.
        """
        with self._news:
            left_s = max(deadline_s - time.monotonic(), 0)
            self._news.wait_for(lambda: self._answers or self._is_over, left_s)
            if self._answers:
                return self._answers.popleft()
            if self._is_over:
                raise self._gone("it closed its output")
            return None

    def wait_for(self, is_wanted: Callable[[str], bool], within_s: float, what: str) -> str:
        """Returns the first line that is wanted; other answers before it are passed over.

        Raises:
            EngineFaultError: it does not come in time, or never.
        """
        deadline_s = time.monotonic() + within_s
        while (line := self.read(deadline_s)) is not None:
            if is_wanted(line):
                return line
        raise EngineFaultError(ForfeitKind.SILENCE, f"no {what} within {within_s:g} s")

    def forget_answers(self) -> None:
        """Passes over what has come and was not read."""
        with self._news:
            self._answers.clear()

    def close(self, farewell: str) -> None:
        """Ends the engine: says farewell, waits for a while, kills it with all that it started."""
        try:
            with suppress(EngineFaultError, subprocess.TimeoutExpired):
                self.send(farewell, GRACE_S)
                self._close_stdin()
                self._child.wait(GRACE_S)
        finally:
            self.kill()

    def kill(self) -> None:
        """Ends the engine at once, with all that it started, and waits for that."""
        self._close_stdin()
        hold, self._hold = self._hold, -1
        if hold >= 0:
            os.close(hold)
        self._child.wait()
        for thread in self._threads:
            thread.join(GRACE_S)  # a stream may be held by what left the engine's process group

    def _close_stdin(self) -> None:
        assert self._child.stdin
        with suppress(OSError):
            self._child.stdin.close()

    def _gone(self, sign: str) -> EngineFaultError:
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(SOON_S)
        code = self._child.poll()
        if code is not None:
            self._threads[1].join(SOON_S)  # its last words are read once it has ended
        return EngineFaultError(ForfeitKind.DEATH, sign if code is None else f"ended with exit code {code}")

    def _read_stdout(self) -> None:
        assert self._child.stdout
        for line in _lines(self._child.stdout.fileno()):
            self._heard.append(shown(line)[:LONGEST_SHOWN])
            if line.startswith(self._begin_answers):
                with self._news:
                    self._answers.append(line)
                    self._news.notify_all()
        self._child.stdout.close()
        with self._news:
            self._is_over = True
            self._news.notify_all()

    def _read_stderr(self) -> None:
        assert self._child.stderr
        for line in _lines(self._child.stderr.fileno()):
            self._heard.append(f"stderr: {shown(line)}"[:LONGEST_SHOWN])
        self._child.stderr.close()


def _on_leash(command: Sequence[str], folder: str) -> tuple[subprocess.Popen[bytes], int]:
    """Starts a command; returns what holds it, and the descriptor that keeps it alive.

    Raises:
        OSError: the system does not.
    """
    leash, hold = os.pipe()
    try:
        child = subprocess.Popen(
            [sys.executable, "-I", "-S", str(LEASH), str(leash), *command],
            cwd=folder or None,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            pass_fds=[leash],
            start_new_session=True,
        )
    except OSError:
        os.close(hold)
        raise
    finally:
        os.close(leash)
    return child, hold


def _lines(descriptor: int) -> Iterator[str]:
    """Yields the lines of a stream without blanks around them, none that is blank; a long one is cut."""
    rest = b""
    while piece := os.read(descriptor, PIECE):
        *whole, rest = (rest + piece).split(b"\n")
        rest = rest[:LONGEST_LINE]
        yield from filter(None, map(_text, whole))
    yield from filter(None, [_text(rest)])


def _text(raw: bytes) -> str:
    return raw[:LONGEST_LINE].decode("utf-8", "backslashreplace").strip()
