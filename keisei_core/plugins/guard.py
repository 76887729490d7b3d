"""Lets a plugin's code be imported: not for ever, without an end of the process, and with nothing changed beside it."""

import contextlib
import os
import sys
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from keisei_core.plugins.ctrl_c import is_ctrl_c, noting_ctrl_c
from keisei_core.plugins.process_state import ProcessState
from keisei_core.plugins.watchdog import Watchdog


class EndedError(Exception):
    """A plugin meant to end the process, or to look as if the user had."""


class Guard:
    """Guards what is loaded inside, one thing after the other."""

    def __init__(self, limit_s: float | None = None) -> None:
        """Makes a guard.

        Args:
            limit_s: for how long each thing may take; None takes that of declarations.
        """
        self._watchdog = Watchdog(limit_s)
        self._noting = noting_ctrl_c()

    def __enter__(self) -> Self:
        self._noting.__enter__()
        self._watchdog.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._watchdog.__exit__()
        self._noting.__exit__(None, None, None)

    @contextlib.contextmanager
    def loading(self, what: str, distribution: str) -> Iterator[list[str]]:
        """Guards one thing; what it prints goes to stderr.

        Args:
            what: is loaded, with package and version.
            distribution: is named where it takes long, as what to leave out.

        Yields:
            A list that has, once it is over, what was changed of the process: as a user reads it, put back if possible.

        Raises:
            TooLongError: it took too long.
            EndedError: it called `os._exit`, or raised KeyboardInterrupt though the user did nothing.
        """
        remedy = f'to leave it out: KEISEI_DISABLE_PLUGINS={distribution}, or [plugins] disable = ["{distribution}"]'
        state, changes = ProcessState(), list[str]()
        try:
            with self._watchdog.watching(what, remedy), contextlib.redirect_stdout(sys.stderr), _without_sudden_end():
                yield changes
        except KeyboardInterrupt as error:
            if is_ctrl_c(error):
                raise
            raise EndedError("raised KeyboardInterrupt") from error
        finally:
            changes += state.put_back()


@contextlib.contextmanager
def _without_sudden_end() -> Iterator[None]:
    """Lets `os._exit` raise in this process; a process forked from it may end as it likes."""
    ending, own, is_over = os._exit, os.getpid(), False

    def refuse(status: int) -> None:
        if is_over or os.getpid() != own:
            ending(status)
        raise EndedError(f"called os._exit({status})")

    os._exit = refuse  # type: ignore[assignment]
    try:
        yield
    finally:
        os._exit, is_over = ending, True
