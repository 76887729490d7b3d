"""What an algorithm must offer: what it needs to know of every ply, and what an update makes of a segment."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.decide import Column
from keisei_core.distribution import DistributionBackend
from keisei_core.evaluate import Evaluator
from keisei_core.experience import Segment
from keisei_core.learn.batches import Batches
from keisei_core.learn.report import Report
from keisei_core.learn.step import GradientSteps


@attrs.frozen(eq=False, kw_only=True)
class AlgorithmContext:
    """What an algorithm is built with."""

    evaluator: Evaluator
    """The network as it acts, for values of positions that are not learned from."""
    batches: Batches
    """Minibatches of a segment, with what the run's teachers add."""
    steps: GradientSteps
    """Outputs for a minibatch, and the gradient step."""
    backend: DistributionBackend
    """Sums over processes: what decides how a run goes on must be the same in all."""
    device: torch.device
    """Where the network is."""


class Algorithm(Protocol):
    """Learns from segments."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """What it needs to know of each ply from the decider; the same for the life of the object."""
        ...

    def learn(self, segment: Segment, progress: float, stop: Callable[[], bool]) -> Report:
        """Makes one update.

        Args:
            segment: read only; played by the network as it is.
            progress: 0 at the start of the run, 1 at its end, for schedules.
            stop: to be passed on to `GradientSteps.agree` at every minibatch.

        Raises:
            StoppedError, DivergedError: as the steps raise them.
        """
        ...

    def state(self) -> tuple[dict[str, NDArray[np.generic]], dict[str, Any]]:
        """Returns what a resumed run needs of this process: arrays, and plain data; both empty where nothing is kept.

        Network, optimiser and the order of minibatches are kept by the run.
        """
        ...

    def load_state(self, arrays: Mapping[str, NDArray[np.generic]], data: Mapping[str, Any]) -> None:
        """Takes back what `state` gave.

        Raises:
            LookupError, TypeError, ValueError: it is of another algorithm.
        """
        ...
