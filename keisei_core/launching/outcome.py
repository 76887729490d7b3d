"""How a worker ended, left in a file for the process that started it, which alone speaks to the user."""

import base64
import json
import os
import pickle
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn, Self

import attrs

from keisei_core.errors import DistributionError, KeiseiError
from keisei_core.launching.place import ATTEMPT
from keisei_core.shown import shown_lines

FOLDER: Final = "KEISEI_OUTCOMES"
"""Environment variable: where outcomes go; absent where keisei did not start the process."""
end_process: Final = os._exit
"""Taken before a plugin is loaded, while which nobody else may end the process so."""


@attrs.frozen(kw_only=True)
class Outcome:
    """The end of one worker."""

    code: int
    """Exit code of the command."""
    message: str = ""
    """What a user is told; empty where all is well."""
    traceback: str = ""
    """Of an error that nobody foresaw: a defect of Keisei or of a plugin."""
    pickled: str = ""
    """The error itself in base 64, where it is one of Keisei's; the folder is this user's alone."""

    @classmethod
    def of(cls, error: KeiseiError) -> Self:
        """Returns the end by an error of Keisei's, or of a plugin's that is derived from one."""
        told = "\n".join((str(error), *getattr(error, "__notes__", ())))
        try:
            pickled = base64.b64encode(pickle.dumps(error)).decode()
        except Exception:  # what hangs on it may be anything; its text and code are enough
            pickled = ""
        return cls(code=error.exit_code, message=told, pickled=pickled)

    @property
    def error(self) -> KeiseiError:
        """What the process that waits for the worker raises: the worker's own error, or another of its exit code."""
        try:
            error = pickle.loads(base64.b64decode(self.pickled))
        except Exception:  # none was left, or of a class that is not to be found here
            error = None
        if not isinstance(error, KeiseiError):
            error = (
                DistributionError(self.message)
                if self.code == DistributionError.exit_code
                else KeiseiError(self.message)
            )
        error.exit_code = self.code
        return error

    def leave(self) -> None:
        """Writes the outcome of this process, if anybody wants to know it."""
        if FOLDER in os.environ:
            attempt = os.environ.get(ATTEMPT, "0")
            path = _path(Path(os.environ[FOLDER]), os.environ["RANK"], attempt)
            beside = path.with_suffix(".tmp")
            beside.write_text(json.dumps(attrs.asdict(self)), encoding="utf-8")
            beside.replace(path)

    @classmethod
    def read(cls, folder: Path, rank: int, attempt: int) -> Self | None:
        """Reads what a rank left when the group had been started again so often; None where it left nothing."""
        path = _path(folder, str(rank), str(attempt))
        return cls(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def end_now(message: str) -> NoReturn:
    """Ends this process from a thread while its main thread waits for others in vain."""
    with suppress(OSError):  # a full disk, nobody who reads: it ends all the same
        if FOLDER in os.environ:
            Outcome(code=DistributionError.exit_code, message=message).leave()
        else:  # not print: the main thread may be in the middle of one
            os.write(2, f"keisei: error: {shown_lines(message)}\n".encode())
    with suppress(OSError, ValueError):
        sys.stdout.flush()
    end_process(DistributionError.exit_code)


def _path(folder: Path, rank: str, attempt: str) -> Path:
    return folder / f"rank-{rank}-{attempt}.json"
