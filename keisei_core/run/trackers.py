"""All trackers of a run: one that fails is told of once and takes no further part, and never stops the run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from keisei_core.plugins import Choice
from keisei_core.run.tracker import Tracker


class Trackers:
    """Hands every call on to each tracker that still works."""

    def __init__(self, choices: Sequence[Choice], run_folder: Path, warn: Callable[[str], None]) -> None:
        """Builds the trackers.

        Args:
            choices: which ones.
            run_folder: where they may write.
            warn: is told of a tracker that fails, also if it fails to begin.
        """
        self.warn = warn
        self.choices = {choice.reference: choice for choice in choices}
        self.working: dict[str, Tracker] = {}
        for name, choice in self.choices.items():
            with self._told_if_it_fails(name):
                self.working[name] = choice.build(run_folder)

    def start(self, last_update: int) -> None:
        """Begins, or begins again after the update that a run goes on from."""
        self._each(lambda tracker: tracker.start(last_update))

    def log(self, update: int, metrics: Mapping[str, float]) -> None:
        """Logs the metrics of one update."""
        self._each(lambda tracker: tracker.log(update, metrics))

    def close(self) -> None:
        """Ends all of them."""
        self._each(lambda tracker: tracker.close())

    def _each(self, call: Callable[[Tracker], None]) -> None:
        for name, tracker in list(self.working.items()):
            with self._told_if_it_fails(name):
                call(tracker)

    @contextmanager
    def _told_if_it_fails(self, name: str) -> Iterator[None]:
        """Warns of what is raised inside, SystemExit too, and lets the run go on without this tracker."""
        try:
            yield
        except (Exception, SystemExit) as error:
            self.working.pop(name, None)
            owner, text = self.choices[name].owner, f"{type(error).__name__}: {error}"
            report = f"; report it at {owner.url}" if owner.url else ""
            self.warn(f"warning: tracker {name} of {owner} failed and takes no further part ({text}){report}")
