"""Standard streams that stand, whatever becomes of the terminal, the pipe or the file behind them.

Nothing that a command does may hang on whether somebody reads along: what can't be written is dropped, a character that
the encoding lacks is escaped, and a stream that was closed from the start is /dev/null.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, TextIO, cast

from keisei_core.shown import shown_lines


class SturdyStream:
    """A stream whose `write` and `flush` never fail; all else is the stream's own."""

    def __init__(self, stream: Any) -> None:
        """Wraps a stream of text, or of bytes."""
        self._stream = stream
        self.failure: Exception | None = None
        """Why something was not written; the first reason of all."""
        self.has_escaped = False
        """Whether a character was written as its escape."""

    def write(self, content: Any) -> int:
        """Writes what can be written and returns the length of all."""
        try:
            self._stream.write(content)
        except UnicodeEncodeError:
            self.has_escaped = True
            encoding = self._stream.encoding
            self.write(content.encode(encoding, "backslashreplace").decode(encoding))
        except (OSError, ValueError) as error:  # a ValueError where somebody closed it
            self.failure = self.failure or error
        return len(content)

    def flush(self) -> None:
        """Hands on what is held back."""
        try:
            self._stream.flush()
        except (OSError, ValueError) as error:
            self.failure = self.failure or error

    def isatty(self) -> bool:
        """Tells whether a terminal is behind it."""
        with suppress(OSError, ValueError):
            return bool(self._stream.isatty())
        return False

    @property
    def buffer(self) -> "SturdyStream":
        """The stream of bytes below a stream of text."""
        return SturdyStream(self._stream.buffer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def settle(self) -> None:
        """Flushes for the last time; what nothing takes goes to /dev/null, or Python would try again as it ends."""
        try:
            self._stream.flush()
        except (OSError, ValueError) as error:
            self.failure = self.failure or error
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
                self._stream.flush()


def say(text: str) -> None:
    """Writes lines to stderr, which can't command a terminal; where nobody reads them, they go unheard."""
    if sys.stderr is not None:
        print(shown_lines(text), file=cast(TextIO, SturdyStream(sys.stderr)), flush=True)


@contextmanager
def sturdy_streams() -> Iterator[SturdyStream]:
    """While it is entered, stdout and stderr are sturdy; gives stdout."""
    _fill_closed_descriptors()
    before = sys.stdout, sys.stderr
    with ExitStack() as stack:
        output, errors = (
            _sturdy(stack.enter_context(open(os.devnull, "w", encoding="utf-8")) if stream is None else stream)
            for stream in before
        )
        sys.stdout, sys.stderr = cast(TextIO, output), cast(TextIO, errors)
        try:
            yield output
        finally:
            output.settle()
            errors.settle()
            sys.stdout, sys.stderr = before


def _sturdy(stream: Any) -> SturdyStream:
    return stream if isinstance(stream, SturdyStream) else SturdyStream(stream)


def _fill_closed_descriptors() -> None:
    """Opens /dev/null in the place of a closed stdin, stdout or stderr.

    Else the next file that is opened, a checkpoint say, would get its number, and what a library writes to stderr.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
