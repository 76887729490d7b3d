"""The errors a user may meet, each with the exit code that the command ends with."""

import copyreg
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keisei_core.shown import shown

__all__ = [
    "CheckpointError",
    "ConfigError",
    "DistributionError",
    "DivergedError",
    "IllegalMoveError",
    "KeiseiError",
    "MigrationError",
    "PluginError",
    "RunFolderError",
    "SfenError",
    "StoppedError",
]


class KeiseiError(Exception):
    """Base of every error that Keisei raises on purpose: expected what, got what, do what."""

    exit_code = 1

    def __reduce__(self) -> tuple[Any, ...]:
        # An exception is pickled as a call with its message, which is not what constructors here take.
        return copyreg.__newobj__, (type(self), *self.args), self.__dict__  # type: ignore[attr-defined]


class ConfigError(KeiseiError, ValueError):
    """One or more things wrong with a config file or with the command line, all listed at once."""

    exit_code = 2

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class PluginError(KeiseiError):
    """A plugin that is used does not load, or does not do what its extension point asks."""

    exit_code = 3


class CheckpointError(KeiseiError):
    """A checkpoint is missing, damaged, or belongs to something else."""

    exit_code = 4

    def __init__(self, path: Path, reason: str, remedy: str = "") -> None:
        self.path = path
        self.reason = reason
        self.remedy = remedy
        super().__init__(f"{shown(path)}: {reason}{f'; {remedy}' if remedy else ''}")


class MigrationError(KeiseiError):
    """A checkpoint can't be brought to what a config asks for; holds every reason."""

    exit_code = 4

    def __init__(self, reasons: Sequence[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(self.reasons))


class DivergedError(KeiseiError):
    """Loss or gradient stayed nan or inf; the last good checkpoint is untouched."""

    exit_code = 5


class DistributionError(KeiseiError):
    """A peer process failed, froze or never joined."""

    exit_code = 6


class RunFolderError(KeiseiError):
    """The run folder can't be made or written: its disk is full, read-only or gone."""

    exit_code = 7


class StoppedError(KeiseiError):
    """Asked to stop in the middle of an update or a match, which is given up; a run saves and ends with this code."""

    exit_code = 75


class SfenError(KeiseiError, ValueError):
    """A text is not a position in SFEN; the message names the part that is wrong."""

    exit_code = 2


class IllegalMoveError(KeiseiError, ValueError):
    """An action was asked for that the rules do not allow in that position."""
