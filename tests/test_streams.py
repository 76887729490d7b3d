"""Streams whose terminal, pipe or encoding fails: nothing that writes to them notices."""

import errno
import io
import os
import sys

import pytest

from keisei_core.cli import main
from keisei_core.streams import SturdyStream, say, sturdy_streams


class Gone(io.StringIO):
    """A terminal that went away."""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def flush(self) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))


def of_encoding(encoding: str) -> io.TextIOWrapper:
    """A stream that takes only what its encoding has."""
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict", write_through=True)


def test_write_to_a_gone_terminal_is_dropped_and_its_reason_kept() -> None:
    stream = SturdyStream(Gone())

    assert stream.write("plies") == 5
    stream.flush()

    assert "Input/output error" in str(stream.failure)
    with pytest.raises(OSError, match="Input/output error"):
        Gone().write("the control")


def test_write_to_a_stream_that_somebody_closed_is_dropped() -> None:
    closed = io.StringIO()
    closed.close()

    stream = SturdyStream(closed)
    stream.write("plies")

    assert "closed file" in str(stream.failure)
    assert not stream.isatty()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp932", "koi8-r", "utf-8"])
def test_character_that_the_encoding_lacks_is_escaped(encoding: str) -> None:
    wrapped = of_encoding(encoding)
    stream = SturdyStream(wrapped)

    stream.write("歩 é ☗ \udc80\n")

    written = wrapped.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]
    assert "\\udc80\n" in written
    assert stream.has_escaped
    assert stream.failure is None
    with pytest.raises(UnicodeEncodeError):
        of_encoding(encoding).write("the control \udc80")


def test_whatever_writes_while_streams_are_gone_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, Gone())

    with sturdy_streams() as stdout:
        print("a plugin's own line")
        print("a warning", file=sys.stderr)
        sys.stdout.flush()

    assert stdout.failure is not None
    assert isinstance(sys.stdout, Gone)


def test_streams_that_were_closed_from_the_start_are_not_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)

    say("unheard")
    with sturdy_streams() as stdout:
        print("unheard", file=sys.stderr)
        print(sys.stdout.encoding)

    assert stdout.failure is None
    assert sys.stdout is None


def test_line_for_a_closed_stderr_does_not_go_to_stdout(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stderr", None)

    say("unheard")

    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(("arguments", "code"), [(["plugins", "list"], 1), (["--version"], 1), (["rnu"], 2)])
def test_listing_for_nobody_is_no_success(arguments: list[str], code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, Gone())

    assert main(arguments) == code
