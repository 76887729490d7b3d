"""Lines that are drawn in place on a terminal, looked at on the screen of one that is emulated."""

import fcntl
import io
import os
import struct
import sys
import termios

import pytest

from keisei_core.display import Display, bar, clock, cut_off
from keisei_core.streams import say


class Screen(io.StringIO):
    """A terminal of a few rows that knows what a display asks of it: CR, LF, up, erase below; long lines wrap."""

    def __init__(self, columns: int = 20) -> None:
        super().__init__()
        self.columns = columns
        self.rows: list[str] = [""]
        self.row = self.column = 0

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        rest = text
        while rest:
            if rest.startswith("\x1b[J"):
                self.rows[self.row] = self.rows[self.row][: self.column]
                del self.rows[self.row + 1 :]
                rest = rest[3:]
            elif rest.startswith("\x1b["):
                number, _, rest = rest[2:].partition("A")
                self.row -= int(number)
            else:
                self._letter(rest[0])
                rest = rest[1:]
        return len(text)

    def _letter(self, letter: str) -> None:
        if letter == "\r":
            self.column = 0
            return
        if letter == "\n" or self.column == self.columns:
            self.row, self.column = self.row + 1, 0
            if self.row == len(self.rows):
                self.rows.append("")
        if letter != "\n":
            line = self.rows[self.row].ljust(self.column)
            self.rows[self.row] = line[: self.column] + letter + line[self.column + 1 :]
            self.column += 1

    def narrow(self, columns: int) -> None:
        """Wraps all lines anew, as terminals do that flow them; the cursor stays at its letter."""
        rows: list[str] = []
        for index, row in enumerate(self.rows):
            if index == self.row:
                self.row, self.column = len(rows) + self.column // columns, self.column % columns
                index = -1
            rows += [row[begin : begin + columns] for begin in range(0, max(len(row), 1), columns)]
        self.rows, self.columns = rows, columns

    def shown(self) -> list[str]:
        return [row for row in self.rows if row]


def on_a_screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """Lets stderr lead to one; called in a test itself, since pytest sets stderr after fixtures."""
    made = Screen()
    monkeypatch.setattr(sys, "stderr", made)
    monkeypatch.setattr("keisei_core.display.DRAW_EVERY_S", 1e6)
    monkeypatch.setattr(Display, "size", lambda _: (made.columns, 6))
    return made


def drawn_lines(columns: int) -> list[str]:
    return ["a" * columns, "b", "c" * 50]


LINES = ["a" * 19, "b", f"{'c' * 18}…"]


def test_lines_are_drawn_in_their_place_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_a_screen(monkeypatch)
    display = Display(drawn_lines)
    for _ in range(3):
        display.draw()

    assert screen.shown() == LINES
    assert (screen.row, screen.column) == (0, 0)


def test_what_is_said_stands_above(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_a_screen(monkeypatch)
    display = Display(drawn_lines)
    display.say("one\x1b[2J")
    say("two")
    sys.stderr.write("three, ")
    display.draw()
    sys.stderr.write("four\n")

    assert screen.shown() == ["one\\x1b[2J", "two", "three, four", *LINES]


def test_narrower_terminal_has_no_litter(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_a_screen(monkeypatch)
    display = Display(drawn_lines)
    display.say("said")
    for columns in (13, 7, 30):
        screen.narrow(columns)
        display.draw()
        assert screen.shown() == ["said", "a" * (columns - 1), "b", f"{'c' * (columns - 2)}…"]


def test_what_others_write_past_the_display_leaves_no_litter_below(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_a_screen(monkeypatch)
    display = Display(drawn_lines)
    screen.write("^C")
    display.draw()
    assert screen.shown() == LINES

    screen.write("\r\x1b[Jasked to stop\n")
    display.draw()
    assert screen.shown() == ["asked to stop", *LINES]


def test_closed_display_leaves_nothing_and_stderr_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_a_screen(monkeypatch)
    display = Display(drawn_lines)
    display.say("said")
    display.close()
    display.draw()
    display.close()

    assert screen.shown() == ["said"]
    assert (screen.row, screen.column) == (1, 0)
    assert sys.stderr is screen


def test_nothing_is_drawn_once_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_a_screen(monkeypatch)
    over: list[bool] = []
    display = Display(lambda _: ["line"], is_over=lambda: bool(over))
    over.append(True)
    display.say("said")
    display.draw()
    display.close()

    assert screen.shown() == ["said"]


def test_lines_beyond_the_last_row_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_a_screen(monkeypatch)
    display = Display(lambda _: [str(number) for number in range(50)])
    assert screen.shown() == ["0", "1", "2", "3", "4"]
    display.close()


@pytest.mark.parametrize(
    ("text", "columns", "shown"),
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("先手後手", 8, "先手後手"), ("先手後手", 7, "先手後…"), ("先手", 3, "先…"),
     ("abc", 1, "…"), ("abc", 0, "")],
)  # fmt: skip
def test_long_line_is_cut_off_by_the_columns_that_it_takes(text: str, columns: int, shown: str) -> None:
    assert cut_off(text, columns) == shown


def test_bar_and_clock() -> None:
    assert (bar(0.5, 4), bar(0, 2), bar(2, 2), bar(0.5, 4, is_plain=True)) == ("██░░", "░░", "██", "##--")
    assert (clock(7), clock(67.4), clock(3723)) == ("0:07", "1:07", "1:02:03")


@pytest.mark.parametrize(("told", "size"), [((33, 77), (77, 33)), ((0, 0), (80, 24))])
def test_size_is_that_of_the_terminal_itself_where_it_has_one(
    monkeypatch: pytest.MonkeyPatch, told: tuple[int, int], size: tuple[int, int]
) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda: (80, 24))
    ours, theirs = os.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *told, 0, 0))
        with open(theirs, "w", closefd=False) as stream:
            monkeypatch.setattr(sys, "stderr", stream)
            display = Display(lambda _: ["line"])
            found = display.size()
            display.close()
        assert found == size
    finally:
        os.close(ours)
        os.close(theirs)
