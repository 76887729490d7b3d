"""All trackers of a run: one that fails is told of once and takes no further part, and never stops the run."""

from collections.abc import Callable, Mapping, Sequence
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
            warn: is told of a tracker that fails.

        Raises:
            PluginError: one of them can't be built.
        """
        self.working: dict[str, Tracker] = {choice.reference: choice.build(run_folder) for choice in choices}
        self.warn = warn

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
            try:
                call(tracker)
            except Exception as error:
                del self.working[name]
                self.warn(f"warning: tracker {name} failed and takes no further part ({type(error).__name__}: {error})")
