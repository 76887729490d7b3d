"""What a teacher must offer: targets for positions that were played, and lessons in positions beside them.

Shape key: N plies that are learned from.
"""

from collections.abc import Callable, Mapping
from typing import Protocol

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.decide import Column
from keisei_core.evaluate import Evaluator
from keisei_core.experience import Segment
from keisei_core.learn.lessons import Lessons, Targets


@attrs.frozen(kw_only=True)
class TeacherContext:
    """What a teacher is built with."""

    device: torch.device
    """Where the network is."""
    evaluator: Evaluator
    """The network that learns, with its weights of the moment. While lessons are made it is in its train mode; who
    wants it as in play puts it back afterwards."""


Study = Callable[[NDArray[np.int64]], Targets]
"""Returns targets of some of the N plies, int64 [M], which: asked in another thread perhaps, one call after the other,
again in each epoch. It draws nothing, and the targets of a ply depend on no other."""


@attrs.frozen(eq=False, kw_only=True)
class Taught:
    """What a teacher makes of one segment."""

    plies: Targets | None = None
    """N rows, one for each ply asked about and in that order, weight 0 where nothing is taught; None: none is."""
    study: Study | None = None
    """Finds what `plies` would hold, a minibatch at a time while another one is learned from; in its place."""
    beside: Lessons | None = None
    """Lessons in other positions, with `segment.num_earlier` earlier ones each; None or empty where there are none."""
    share: float = 0.0
    """Positions drawn from `beside` for each minibatch, as a share of its plies."""
    figures: Mapping[str, float] = attrs.field(factory=dict)
    """What is to be logged of the segment, beside what is logged of every loss; the same names each time, in every
    process, whose mean is logged."""

    def of_plies(self, chosen: NDArray[np.int64]) -> Targets | None:
        """Returns the targets of some of the plies asked about, int64 [M]; None where none is taught."""
        if self.study is not None:
            return self.study(chosen)
        return None if self.plies is None else self.plies[chosen]


class Teacher(Protocol):
    """Teaches beside whatever the algorithm learns; asked once per update.

    Positions that are to be encoded come from `Segment.positions_of`, with the earlier ones that the run's planes ask
    for; an attribute `needs`, a `keisei_core.observe.Needs`, asks for more.
    """

    @property
    def columns(self) -> tuple[Column, ...]:
        """What it needs to know of each ply from the decider; mostly nothing."""
        ...

    def weight(self, progress: float) -> float:
        """Returns what its loss is multiplied by at a progress of 0 to 1; at 0 it is not asked: it has retired."""
        ...

    def teach(self, segment: Segment, rows: NDArray[np.int64], random: np.random.Generator) -> Taught:
        """Finds what there is to teach.

        Args:
            segment: read only.
            rows: int64 [N], the plies t * B + b that are learned from; at least one.
            random: the only source of randomness; its state is part of a run's checkpoint.
        """
        ...
