"""An advantage actor-critic: a move is as good as the position after it is better than was thought before it.

Shape key: T plies, B games of a segment; M plies of a minibatch.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from keisei_core.decide import Column
from keisei_core.experience import Segment
from keisei_core.learn import AlgorithmContext, Outputs, Report
from numpy.typing import NDArray
from torch import Tensor

from keisei_plugins_myname.options import MynameOptions

Float32Array = NDArray[np.float32]


class MynameAlgorithm:
    """Makes one pass over each segment."""

    columns = (Column("value", np.float32),)

    def __init__(self, context: AlgorithmContext, options: MynameOptions) -> None:
        self.context = context
        self.options = options
        self.num_updates = 0

    def learn(self, segment: Segment, progress: float, stop: Callable[[], bool]) -> Report:
        """Makes one update.

        Args:
            segment: played by the network as it is; not changed.
            progress: 0 at the start of the run, 1 at its end, for schedules.
            stop: passed on to `agree`, which asks it at every minibatch.
        """
        report, steps = Report(), self.context.steps
        target = self.target(segment)
        for batch in self.context.batches.epochs(segment, progress):
            outputs = steps.evaluate(batch)
            loss, figures = self.loss(outputs, batch.of(target), batch.column("value"))
            agreed = steps.agree(outputs, loss, figures, stop, report)
            if agreed is not None:
                steps.take(outputs, loss, agreed, report)
        self.num_updates += 1
        report.figures["myname_updates"] = float(self.num_updates)
        return report

    def target(self, segment: Segment) -> Float32Array:
        """Returns what V should have been, float32 [T, B], seen by the player who moved.

        The next position's V is the opponent's, and so counts negated; a game that was cut off is no draw, but worth
        the V of its last position.
        """
        value = segment.columns["value"]
        following = np.concatenate([value[1:], self.context.evaluator.value(segment.after)[None]])
        following = np.where(segment.went_on, following, np.float32(0))
        if len(segment.cut):
            following.reshape(-1)[segment.cut_rows] = self.context.evaluator.value(segment.cut)
        target: Float32Array = segment.reward - np.float32(self.options.gamma) * following
        return target

    def loss(self, outputs: Outputs, target: Tensor, old_value: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Returns the loss, float32 scalar, and figures, detached.

        Args:
            outputs: what the network makes of the minibatch.
            target: float32 [M].
            old_value: float32 [M], V when the moves were chosen.
        """
        log_prob = outputs.policy.log_prob(outputs.batch.action)
        policy_loss = -((target - old_value) * log_prob).mean()
        value_loss = 0.5 * (outputs.value - target).square().mean()
        spread = outputs.policy.entropy().mean()
        loss = policy_loss + value_loss - self.options.entropy_coefficient * spread
        figures = {"policy_loss": policy_loss, "value_loss": value_loss, "entropy": spread}
        return loss, {name: figure.detach() for name, figure in figures.items()}

    def state(self) -> tuple[dict[str, NDArray[np.generic]], dict[str, Any]]:
        """Returns what a resumed run needs: arrays, and plain data."""
        return {}, {"num_updates": self.num_updates}

    def load_state(self, arrays: Mapping[str, NDArray[np.generic]], data: Mapping[str, Any]) -> None:
        """Takes back what `state` gave."""
        self.num_updates = int(data["num_updates"])
