"""Learning from one segment: the learning rate, the algorithm, and what is told of it."""

from collections.abc import Callable

from keisei_core.distribution import never
from keisei_core.errors import PluginError
from keisei_core.experience import Segment
from keisei_core.learn.algorithm import Algorithm
from keisei_core.learn.batches import Batches
from keisei_core.learn.report import Report
from keisei_core.learn.step import GradientSteps


class Learner:
    """An algorithm with the parts that it learns by."""

    def __init__(self, algorithm: Algorithm, batches: Batches, steps: GradientSteps, owner: str = "") -> None:
        """Takes over the parts; `owner` says whose the algorithm is, for what is said of a wrong report."""
        self.owner = owner
        self.algorithm = algorithm
        self.batches = batches
        self.steps = steps

    def update(self, segment: Segment, progress: float, stop: Callable[[], bool] = never) -> Report:
        """Learns from one segment.

        Args:
            segment: read only.
            progress: 0 at the start of the run, 1 at its end; schedules follow it.
            stop: asked between minibatches whether to give up; one process that says so speaks for all.

        Raises:
            StoppedError: `stop` said so on some process; the network is left between two minibatches.
            DivergedError: loss or gradient was nan or inf too many times in a row.
            PluginError: the algorithm returns no report, or the optimiser's schedule no learning rate.
        """
        rate = self.steps.begin(progress)
        report = self.algorithm.learn(segment, progress, stop)
        if not isinstance(report, Report):
            raise PluginError(f"algorithm {self.owner} must return a Report of its update, got {type(report).__name__}")
        self.steps.end()
        report.figures["learning_rate"] = rate
        return report
