"""What shows a run, where what it shows it on is gone."""

import errno
import io
import os
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest

from keisei_core.arena.course import Course
from keisei_core.arena.parallel_games import FinishedGame
from keisei_core.run.live_progress import LiveProgress, eta
from keisei_core.run.metrics import Outlook
from keisei_core.run.progress import PlainProgress, open_progress
from keisei_core.shogi import Ending

METRICS = {"plies": 64.0, "games": 1.0, "plies_per_s": 100.0, "games_per_s": 1.0, "entropy": 3.0}
OUTLOOK = Outlook(done=1, total=2, elapsed_s=1.0, limit_s=0.0)


class Terminal(io.StringIO):
    """A terminal that can be taken away."""

    def __init__(self) -> None:
        super().__init__()
        self.is_gone = False
        self.num_failures = 0

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self.is_gone:
            self.num_failures += 1
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().write(text)


def on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Lets this process have a terminal; called in a test itself, since pytest sets stderr after fixtures."""
    made = Terminal()
    monkeypatch.setattr(sys, "stderr", made)
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    return made


def test_live_display_goes_on_when_its_terminal_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = on_a_terminal(monkeypatch)
    progress = open_progress()
    assert isinstance(progress, LiveProgress)
    progress.say("heard")
    terminal.is_gone = True

    progress.update(METRICS, OUTLOOK)
    progress.say("unheard")
    deadline = time.monotonic() + 60
    while terminal.num_failures < 3:  # the display's own thread writes on
        assert time.monotonic() < deadline
        time.sleep(0.05)
    progress.close()

    assert "heard" in terminal.getvalue()
    assert "unheard" not in terminal.getvalue()
    assert sys.stderr is terminal


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_display_on_a_bare_stream_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what the display is protected from."""
    terminal = on_a_terminal(monkeypatch)
    progress = LiveProgress()
    monkeypatch.setattr(progress.display, "stream", terminal)
    terminal.is_gone = True

    with pytest.raises(OSError, match="Input/output error"):
        progress.say("unheard")
    terminal.is_gone = False
    progress.close()


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Iterator[LiveProgress]:
    """The display on a terminal."""
    on_a_terminal(monkeypatch)
    progress = LiveProgress()
    yield progress
    progress.close()


def finished(points: float, ending: Ending = Ending.MATE) -> FinishedGame:
    return FinishedGame(
        number=0,
        points=points,
        ending=ending,
        first_is_black=True,
        opening_plies=0,
        actions=np.zeros(9, np.int16),
        values=np.zeros(9, np.float32),
    )


@pytest.mark.parametrize(
    ("columns", "in_a_row", "has_sparks"), [(40, 1, True), (34, 1, False), (56, 1, True), (80, 2, True), (200, 2, True)]
)
def test_figures_stand_side_by_side_where_there_is_room(
    live: LiveProgress, columns: int, in_a_row: int, has_sparks: bool
) -> None:
    for entropy in (3.0, 2.0):
        live.update(METRICS | {"entropy": entropy, "kl": 0.1}, OUTLOOK)
    (row,) = [line for line in live.lines(columns) if line.startswith("entropy")]

    assert ("█▁" in row) == has_sparks
    assert ("KL" in row) == (in_a_row == 2)
    assert max(map(len, live.lines(columns))) <= max(columns, 56)


def test_blocks_are_left_out_where_the_encoding_lacks_them(monkeypatch: pytest.MonkeyPatch) -> None:
    on_a_terminal(monkeypatch)
    monkeypatch.setattr("keisei_core.run.live_progress.is_plain", lambda _: True)
    progress = LiveProgress()
    progress.update(METRICS, OUTLOOK)
    progress.update(METRICS, OUTLOOK)
    lines = progress.lines(80)
    progress.close()

    assert all(line.isascii() for line in lines)
    assert "###" in lines[0]


def test_match_is_shown_as_its_games_end_until_the_next_update(live: LiveProgress) -> None:
    live.update(METRICS, OUTLOOK)
    course = Course("random", 4)
    live.match(course)
    assert "match: 0/4 games, against random" in live.lines(80)

    course.note(finished(1.0))
    course.note(finished(0.5, Ending.MAX_PLIES))
    assert "match: 2/4 games, 0.75 so far, 1 cut off, against random" in live.lines(80)

    live.update(METRICS, OUTLOOK)
    assert not [line for line in live.lines(80) if "match" in line]


def test_matches_at_the_end_are_counted_together(live: LiveProgress) -> None:
    live.update(METRICS, OUTLOOK)
    live.finish(8)
    first, second = Course("random", 4), Course("alphabeta", 4)
    live.match(first)
    live.match(first)
    live.match(second)
    second.note(finished(1.0))

    assert any("5 of 8 games  elapsed 0:0" in line and "ETA 0:0" in line for line in live.lines(80))
    assert not [line for line in live.lines(80) if line.startswith("elapsed")]


def test_time_to_go_has_the_matches_at_the_end_once_one_told_what_they_take() -> None:
    def told(finishing_s: float | None) -> str:
        return eta(Outlook(done=1, total=2, elapsed_s=60.0, limit_s=0.0, finishing_s=finishing_s))

    assert told(None) == "ETA 1:00 + the last matches"
    assert told(0.0) == "ETA 1:00"
    assert told(90.0) == "ETA 2:30"


def test_plain_line_tells_of_a_match_when_the_last_is_long_ago(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    progress, course = PlainProgress(), Course("random", 4)
    progress.match(course)
    for _ in range(2):
        course.note(finished(1.0))
        progress.match(course)

    assert capsys.readouterr().err == "match against random: 1/4 games, 1.00 so far\n"


def test_progress_without_a_stderr_is_plain_and_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stderr", None)

    progress = open_progress()
    progress.say("unheard")
    progress.update(METRICS, OUTLOOK)

    assert isinstance(progress, PlainProgress)
    assert capsys.readouterr().out == ""


def test_match_that_ends_while_it_is_drawn_is_drawn_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    on_a_terminal(monkeypatch)
    progress = LiveProgress()
    progress.close()

    class Ending:
        num_ended, title = 1, "random"

        @property
        def counts(self) -> str:
            progress.course = None
            return "1 of 2"

    progress.course, progress.num_to_play = Ending(), 2  # type: ignore[assignment]

    assert "match: 1 of 2, against random" in progress.lines(80)
