"""What a tracker must offer: a place where the metrics of a run go."""

from collections.abc import Mapping
from typing import Protocol


class Tracker(Protocol):
    """Takes the metrics of every update, in order."""

    def start(self, last_update: int) -> None:
        """Begins, or begins again after a resume.

        Args:
            last_update: the update that the run goes on from, 0 at its beginning; what was logged beyond it is gone.
        """
        ...

    def log(self, update: int, metrics: Mapping[str, float]) -> None:
        """Takes in the metrics of one update; `update` counts from 1."""
        ...

    def close(self) -> None:
        """Ends."""
        ...
