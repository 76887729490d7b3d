"""What a source of segments must offer, and what it tells of the play behind one."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.distribution import DistributionBackend
from keisei_core.experience.game_record import GameRecord
from keisei_core.experience.segment import Segment
from keisei_core.shogi import Ending

Arrays = dict[str, NDArray[np.generic]]


@attrs.define(kw_only=True)
class PlayReport:
    """What happened while one segment was played."""

    endings: list[int] = attrs.field(factory=lambda: [0] * len(Ending))
    """Finished games by `Ending`."""
    finished_plies: int = 0
    """Sum of the lengths of the finished games."""
    act_s: float = 0.0
    environment_s: float = 0.0
    records: list[GameRecord] = attrs.field(factory=list)
    pool_scores: list[float] = attrs.field(factory=list)
    """The learner's result in each game that ended against an opponent of the pool, unless cut off: 1, 1/2 or 0."""
    tested_resignations: int = 0
    """Games played on to a result after somebody would have given up."""
    wrong_resignations: int = 0
    """Those of them that he did not lose."""

    @property
    def num_finished(self) -> int:
        """Games that ended, cut off ones included."""
        return sum(self.endings[Ending.MATE :])

    def add_up(self, backend: DistributionBackend) -> None:
        """Makes the counts of games those of all processes; seconds and records stay this one's."""
        own = [*self.endings, self.finished_plies, self.tested_resignations, self.wrong_resignations]
        counts = backend.sum(torch.tensor(own, dtype=torch.int64, device=backend.device)).tolist()
        *self.endings, self.finished_plies, self.tested_resignations, self.wrong_resignations = counts


class Source(Protocol):
    """Gives one segment after the other."""

    is_exact: bool
    """True where a source that takes its state back gives the same segments bit for bit."""

    def next(self, version: int, stop: Callable[[], bool]) -> tuple[Segment, PlayReport]:
        """Returns the next segment.

        Args:
            version: updates that the network has seen.
            stop: asked again and again whether to give up.

        Raises:
            StoppedError: `stop` said so.
            DivergedError: the network's outputs are nan or inf.
        """
        ...

    def state(self) -> tuple[Arrays, dict[str, Any]]:
        """Returns what it needs to go on: arrays, and plain data."""
        ...

    def load_state(self, arrays: Mapping[str, NDArray[np.generic]], data: Mapping[str, Any]) -> None:
        """Takes back what `state` gave.

        Raises:
            LookupError, TypeError, ValueError: it is of another source, or of none.
        """
        ...
