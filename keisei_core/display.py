"""Lines at the bottom of a terminal that are drawn again and again, while others are written above them."""

import os
import shutil
import sys
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event, RLock, Thread
from typing import Any, Final, TextIO, cast

from keisei_core.shown import shown, shown_lines
from keisei_core.streams import SturdyStream

DRAW_EVERY_S: Final = 0.5
ERASE: Final = "\r\x1b[J"
"""To the beginning of the line, and nothing from there to the end of the screen."""
FULL, EMPTY = "█", "░"
PLAIN_FULL, PLAIN_EMPTY = "#", "-"
"""Where the encoding lacks those."""


def has_display() -> bool:
    """Tells whether stderr is a terminal on which lines can be drawn again; where CI says what it is, nobody looks."""
    dumb = os.environ.get("TERM") == "dumb" or "CI" in os.environ
    return bool(sys.stderr and sys.stderr.isatty() and not dumb)


class Display:
    """Lines below whatever else is written to stderr.

    The cursor waits at their beginning; to draw them again, all from the cursor on is erased. So nothing has to be
    counted: not the rows that they took, which others may be once the terminal is narrower, nor what a signal handler
    or a library wrote in between.
    """

    def __init__(self, lines: Callable[[int], Sequence[str]], is_over: Callable[[], bool] = lambda: False) -> None:
        """Begins to draw, at once and every half second.

        Args:
            lines: returns what to draw for a number of columns, on which longer lines are cut off.
            is_over: once it says so nothing is drawn any more, e.g. since the process may end at any instant.
        """
        self.lines, self.is_over = lines, is_over
        self._terminal = sys.stderr
        self.stream = SturdyStream(self._terminal)
        self._lock, self._closed = RLock(), Event()
        self._is_in_a_line = False
        """Whether somebody wrote the beginning of a line, whose end is to come."""
        sys.stderr = cast(TextIO, _Above(self))
        self.draw()
        Thread(target=self._draw_on, name="keisei-display", daemon=True).start()

    def draw(self) -> None:
        """Draws the lines anew."""
        with self._lock:
            if self._is_in_a_line or self._closed.is_set() or self.is_over():
                return
            columns, rows = self.size()
            lines = [cut_off(shown(line), columns - 1) for line in self.lines(columns - 1)][: rows - 1]
            back = f"\x1b[{len(lines) - 1}A" if len(lines) > 1 else ""
            self.stream.write(f"{ERASE}{chr(10).join(lines)}{back}\r")
            self.stream.flush()

    def write(self, text: str) -> None:
        """Writes above the lines."""
        with self._lock:
            self.stream.write(text if self._is_in_a_line else f"{ERASE}{text}")
            self.stream.flush()
            self._is_in_a_line = not text.endswith("\n")
            self.draw()

    def say(self, line: str) -> None:
        """Writes a line above them, which can't command the terminal."""
        self.write(f"{shown_lines(line)}\n")

    def size(self) -> tuple[int, int]:
        """Returns columns and rows of the terminal; usual ones where it knows none, as one that nobody sized."""
        with suppress(OSError, ValueError, AttributeError):
            columns, rows = os.get_terminal_size(self._terminal.fileno())
            if columns and rows:
                return columns, rows
        columns, rows = shutil.get_terminal_size()
        return columns, rows

    def close(self) -> None:
        """Takes the lines away."""
        with self._lock:
            if not self._closed.is_set():
                self._closed.set()
                if not self._is_in_a_line:
                    self.stream.write(ERASE)
                    self.stream.flush()
                sys.stderr = self._terminal

    def _draw_on(self) -> None:
        while not self._closed.wait(DRAW_EVERY_S):
            self.draw()


class _Above:
    """What `sys.stderr` is meanwhile: what is written to it comes above the lines."""

    def __init__(self, display: Display) -> None:
        self._display = display

    def write(self, text: str) -> int:
        """Writes text."""
        if text:
            self._display.write(text)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._display.stream, name)


def cut_off(text: str, columns: int) -> str:
    """Returns the beginning of a text that fits into so many columns, with … where something is left out."""
    if width_of(text) <= columns:
        return text
    text = text[: max(columns - 1, 0)]
    while width_of(text) > columns - 1 and text:
        text = text[:-1]
    return f"{text}…" if columns > 0 else ""


def width_of(text: str) -> int:
    """Returns how many columns a text takes; letters of East Asia take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def bar(share: float, columns: int, *, is_plain: bool = False) -> str:
    """Returns a bar of so many columns, filled to a share of 0 to 1."""
    full, empty = (PLAIN_FULL, PLAIN_EMPTY) if is_plain else (FULL, EMPTY)
    filled = round(min(max(share, 0.0), 1.0) * columns)
    return full * filled + empty * (columns - filled)


def is_plain(stream: Any) -> bool:
    """Tells whether blocks are not to be had in a stream's encoding."""
    try:
        (FULL + EMPTY).encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def clock(seconds: float) -> str:
    """Writes a time as 0:07 or 1:02:03."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
