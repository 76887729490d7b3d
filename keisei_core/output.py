"""Where results go: to the stdout of the process, which nobody but Keisei writes to while a command runs.

A plugin may write anywhere: to `sys.stdout`, to file descriptor 1, through a process that it starts, at exit. All of it
goes to stderr, so that what reads a result finds nothing else.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from typing import Any, Final, NamedTuple, TextIO, cast

from keisei_core.shown import shown_lines
from keisei_core.streams import SturdyStream

STDOUT: Final = 1
STDERR: Final = 2


class _Taken(NamedTuple):
    """The stdout of the process as it was."""

    stream: TextIO | None
    """What `sys.stdout` was; None where it was closed."""
    descriptor: int | None
    """Leads where file descriptor 1 did; None where that was closed."""
    own: SturdyStream
    """Leads there too, or to what stood in the place of stdout."""
    opened: TextIO | None
    """The stream below it, where it was opened for that."""


_taken: list[_Taken] = []


@contextmanager
def own_stdout(*, is_for_good: bool = False) -> Iterator[None]:
    """Has stdout alone: `sys.stdout` is Keisei's own stream inside, and file descriptor 1 is stderr.

    Args:
        is_for_good: nobody gets it back afterwards, for a process that ends then.
    """
    if _taken:
        _point_at_stderr()  # it may have been lent
        yield
        return
    _take()
    try:
        yield
    finally:
        _taken[-1].own.flush()
        if is_for_good:
            sys.stdout = sys.stderr
        else:
            _give_back()


def take_stdout() -> None:
    """Takes stdout for good, in a process that was started for one piece of work."""
    if not _taken:
        _take()


@contextmanager
def lent_stdout() -> Iterator[None]:
    """Lets processes that are started inside have the real stdout, which they are to take themselves."""
    share_stdout()
    try:
        yield
    finally:
        if _taken:
            _point_at_stderr()


def share_stdout() -> None:
    """Lets everybody write to stdout from here on, e.g. a plugin whose command it is."""
    if _taken and _taken[-1].descriptor is not None:
        os.dup2(_taken[-1].descriptor, STDOUT)


@contextmanager
def only_answers() -> Iterator[None]:
    """Sends to stderr what is printed inside, all but answers."""
    with redirect_stdout(sys.stderr):
        yield


def answer(text: str) -> None:
    """Writes lines of a result to stdout, which can't command a terminal; where nobody reads them, they go unheard."""
    stream = _taken[-1].own if _taken else sys.stdout
    if stream is not None:
        print(shown_lines(text), file=cast(TextIO, stream), flush=True)


def columns() -> int | None:
    """Returns how many columns the terminal has that answers go to; None where they go elsewhere."""
    taken = _taken[-1] if _taken else None
    if taken is None or taken.opened is None or taken.descriptor is None:
        return None
    with suppress(OSError):
        return os.get_terminal_size(taken.descriptor).columns or None
    return None


def _take() -> None:
    stream, descriptor = sys.stdout, None
    with suppress(OSError, ValueError):
        if stream is not None:
            stream.flush()
    with suppress(OSError):
        descriptor = os.dup(STDOUT)
    _point_at_stderr()  # before a file is opened, which would get the number of a closed stdout
    opened = None
    if stream is None:
        opened = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115  # as long as the command
    elif descriptor is not None and _leads_to_stdout(stream):
        form: dict[str, Any] = {"encoding": stream.encoding, "errors": stream.errors}
        buffering = 1 if os.isatty(descriptor) else -1
        opened = open(descriptor, "w", buffering, **form, closefd=False)  # noqa: SIM115
    _taken.append(_Taken(stream, descriptor, SturdyStream(opened or stream), opened))
    sys.stdout = cast(TextIO, _taken[-1].own)


def _give_back() -> None:
    taken = _taken.pop()
    sys.stdout = taken.stream  # None where it was closed
    if taken.opened is not None:
        with suppress(OSError, ValueError):
            taken.opened.close()
    if taken.descriptor is None:
        with suppress(OSError):
            os.close(STDOUT)
    else:
        os.dup2(taken.descriptor, STDOUT)
        os.close(taken.descriptor)


def _leads_to_stdout(stream: TextIO | None) -> bool:
    with suppress(OSError, ValueError, AttributeError):
        return stream is not None and stream.fileno() == STDOUT
    return False


def _point_at_stderr() -> None:
    """Lets file descriptor 1 be stderr, nothing at all where that is closed."""
    try:
        os.dup2(STDERR, STDOUT)
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        if nowhere != STDOUT:
            os.dup2(nowhere, STDOUT)
            os.close(nowhere)
