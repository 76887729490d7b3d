"""What shows a run, where what it shows it on is gone."""

import errno
import io
import os
import sys
import time

import pytest

from keisei_core.run.metrics import Outlook
from keisei_core.run.progress import LiveProgress, PlainProgress, open_progress

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
def test_rich_alone_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what the display is protected from."""
    terminal = on_a_terminal(monkeypatch)
    progress = LiveProgress()
    progress.console.file = terminal
    terminal.is_gone = True

    with pytest.raises(OSError, match="Input/output error"):
        progress.say("unheard")
    terminal.is_gone = False
    progress.close()


def test_progress_without_a_stderr_is_plain_and_says_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stderr", None)

    progress = open_progress()
    progress.say("unheard")
    progress.update(METRICS, OUTLOOK)

    assert isinstance(progress, PlainProgress)
    assert capsys.readouterr().out == ""
