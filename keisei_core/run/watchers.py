"""Plugins that watch a run from beside it: one that fails is told of once, takes no further part, and stops nothing."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Generic, TypeVar

from keisei_core.distribution import never
from keisei_core.errors import StoppedError
from keisei_core.plugins import Choice
from keisei_core.plugins.choice import distinct_names
from keisei_core.plugins.ctrl_c import is_ctrl_c
from keisei_core.shown import one_line

Watcher = TypeVar("Watcher")


class Watchers(Generic[Watcher]):
    """The watchers of a kind that still work."""

    def __init__(
        self, kind: str, choices: Sequence[Choice], warn: Callable[[str], None], stop: Callable[[], bool] = never
    ) -> None:
        """Begins with none at work.

        Args:
            kind: what they are called in a warning.
            choices: which ones there may be.
            warn: is told of one that fails.
            stop: tells whether the user asked to stop.
        """
        self.kind = kind
        self.warn = warn
        self.stop = stop
        self.choices = dict(zip(distinct_names(choices), choices, strict=True))
        self.working: dict[str, Watcher] = {}
        self.here = WorkingFolder()
        self._movers: set[str] = set()

    @contextmanager
    def told_if_it_fails(self, name: str) -> Iterator[None]:
        """Warns of whatever is raised inside, and lets the run go on without this one.

        Raises:
            StoppedError: the user asked for it; that is nobody's failure.
            KeyboardInterrupt: likewise.
        """
        try:
            yield
        except BaseException as error:
            if is_ctrl_c(error) or (isinstance(error, StoppedError) and self.stop()):
                raise
            self.leave(name, error)
        finally:
            if self.here.put_back():
                self.tell_of_moving(name)

    def leave(self, name: str, error: BaseException) -> None:
        """Goes on without one."""
        self.working.pop(name, None)
        owner = self.choices[name].owner
        report = f"; report it at {owner.url}" if owner.url else ""
        self.warn(
            f"warning: {self.kind} {name} of {owner} failed and takes no further part ({one_line(error)}){report}"
        )

    def tell_of_moving(self, name: str) -> None:
        """Warns once of one that changed the working folder, in which relative paths of the config begin."""
        if name not in self._movers:
            self._movers.add(name)
            self.warn(f"warning: {self.kind} {name} of {self.choices[name].owner} changed the working folder; put back")


def patience_of(watcher: object, usual_s: float) -> float:
    """Returns how many seconds one call of a watcher may take, as its `patience_s` says; no number says nothing."""
    given = getattr(watcher, "patience_s", usual_s)
    return float(given) if isinstance(given, int | float) and given > 0 else usual_s


class WorkingFolder:
    """The folder in which the run was started."""

    def __init__(self) -> None:
        self.path = self.present()

    @staticmethod
    def present() -> str:
        """Returns the working folder as it is now; nothing where it is gone."""
        try:
            return os.getcwd()
        except OSError:
            return ""

    def put_back(self) -> bool:
        """Goes back; returns whether somebody had left."""
        if self.path in ("", self.present()):
            return False
        with suppress(OSError):
            os.chdir(self.path)
        return True
