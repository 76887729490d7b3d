"""Plugins that watch a run from beside it: one that fails is told of once, takes no further part, and stops nothing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Generic, TypeVar

from keisei_core.errors import StoppedError
from keisei_core.plugins import Choice

Watcher = TypeVar("Watcher")


class Watchers(Generic[Watcher]):
    """Hands every call on to each watcher of a kind that still works."""

    def __init__(self, kind: str, choices: Sequence[Choice], argument: object, warn: Callable[[str], None]) -> None:
        """Builds the watchers.

        Args:
            kind: what they are called in a warning.
            choices: which ones.
            argument: what the hook of their kind says that they are built with.
            warn: is told of one that fails, also if it fails to begin.
        """
        self.kind = kind
        self.warn = warn
        self.choices = {choice.reference: choice for choice in choices}
        self.working: dict[str, Watcher] = {}
        for name, choice in self.choices.items():
            with self.told_if_it_fails(name):
                self.working[name] = choice.build(argument)

    def each(self, call: Callable[[Watcher], object]) -> None:
        """Calls each in its turn."""
        for name, watcher in list(self.working.items()):
            with self.told_if_it_fails(name):
                call(watcher)

    @contextmanager
    def told_if_it_fails(self, name: str) -> Iterator[None]:
        """Warns of what is raised inside, SystemExit too, and lets the run go on without this one.

        Raises:
            StoppedError: the user asked for it; that is nobody's failure.
        """
        try:
            yield
        except StoppedError:
            raise
        except (Exception, SystemExit) as error:
            self.working.pop(name, None)
            owner, text = self.choices[name].owner, f"{type(error).__name__}: {error}"
            report = f"; report it at {owner.url}" if owner.url else ""
            self.warn(f"warning: {self.kind} {name} of {owner} failed and takes no further part ({text}){report}")
