"""One worker that keisei started: `python -m keisei_core.launching FOLDER LAUNCHER`, the latter a process id.

It leaves its outcome in a file and says nothing itself, so that one error of all is told once.
"""

import faulthandler
import os
import shutil
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Final

from keisei_core.errors import KeiseiError, PluginError
from keisei_core.launching.forwarding import no_longer_blocking
from keisei_core.launching.job import read_job
from keisei_core.launching.outcome import FOLDER, Outcome, end_now, end_process
from keisei_core.plugins.blame import blame, no_silent_end
from keisei_core.plugins.ctrl_c import noting_ctrl_c
from keisei_core.plugins.installed import hide_damaged
from keisei_core.streams import say, sturdy_streams

EXIT_UNEXPECTED: Final = 1
LOOK_S: Final = 0.5


def main() -> int:
    """Does the job and returns the exit code for the launcher: 0 for every orderly end, whatever the command's is."""
    no_longer_blocking(signal.SIGUSR1)  # the run handles it once there is something to save
    with suppress(RuntimeError, ValueError, OSError):  # where there is no stderr
        faulthandler.enable()  # of machine code that goes wrong nobody else tells
    hide_damaged()
    folder, launcher = Path(sys.argv[1]), int(sys.argv[2])
    with sturdy_streams():
        threading.Thread(target=follow, args=(launcher, folder), daemon=True).start()
        code, outcome = do(folder)
        if os.getppid() == launcher:
            tell(outcome)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    return code


def do(folder: Path) -> tuple[int, Outcome]:
    """Does the job; returns the exit code and what to tell the launcher."""
    try:
        with noting_ctrl_c(), no_silent_end():
            work, arguments = read_job(folder)
            from keisei_core.launching.part import take_part

            return 0, Outcome(code=take_part(work, arguments))
    except KeiseiError as error:
        return error.exit_code, Outcome.of(error)
    except Exception as error:
        code = PluginError.exit_code if blame(error) else EXIT_UNEXPECTED
        told = f"{type(error).__name__}: {error}"
        return code, Outcome(code=code, message=told, traceback=traceback.format_exc())


def tell(outcome: Outcome) -> None:
    """Leaves the outcome to the launcher; says it here where it can't be written, as on a full disk."""
    try:
        outcome.leave()
    except OSError as error:
        told = outcome.traceback.rstrip() or outcome.message or f"its work is done, with exit code {outcome.code}"
        say(f"keisei: rank {os.environ['RANK']} can't leave to its launcher how it ended ({error}): {told}")


def follow(launcher: int, folder: Path) -> None:
    """Ends this process once its launcher is gone, which keeps the store that the processes meet in."""
    while os.getppid() == launcher:
        time.sleep(LOOK_S)
    shutil.rmtree(folder, ignore_errors=True)
    os.environ.pop(FOLDER, None)
    end_now("the process that started the workers is gone; resume from the last checkpoint")


def leave(code: int) -> None:
    """Ends the process without waiting for threads of a broken group, which may never end."""
    end_process(code)


if __name__ == "__main__":
    leave(main())
