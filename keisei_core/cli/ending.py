"""The end of the process after a command: a thread that a plugin left running does not hold it up."""

import atexit
import os
import sys
import threading
import time
from contextlib import suppress
from typing import Final, NoReturn

from keisei_core.streams import say

GRACE_S: Final = 5.0
"""For so long threads may go on that are no daemons, e.g. to finish what they write."""
LOOK_S: Final = 0.05
_exit = os._exit


def end_in_time(code: int) -> None:
    """Lets the process end though threads are left that Python would wait for; does nothing where there are none.

    Args:
        code: the exit code.
    """
    if _left():
        threading.Thread(target=_end, args=(code,), name="keisei-end", daemon=True).start()


def end_now(code: int) -> NoReturn:
    """Ends the process without taking Python down piece by piece, which takes seconds once torch is loaded.

    Args:
        code: the exit code.
    """
    with suppress(Exception):
        atexit._run_exitfuncs()  # what Python would do next
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    _exit(code)


def _left() -> list[threading.Thread]:
    main = threading.main_thread()
    return [thread for thread in threading.enumerate() if thread is not main and not thread.daemon]


def _end(code: int) -> None:
    """Waits while the main thread does; those of a pool end by themselves as soon as Python asks them to."""
    deadline_s = time.monotonic() + GRACE_S
    while left := _left():
        if time.monotonic() > deadline_s:
            break
        time.sleep(LOOK_S)
    else:
        return
    names = ", ".join(repr(thread.name) for thread in left)
    say(f"keisei: warning: ends without waiting for threads that a plugin left: {names}")
    end_now(code)
