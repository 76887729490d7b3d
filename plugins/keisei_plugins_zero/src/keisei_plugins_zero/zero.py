"""The algorithm `zero`: what the decider `search` found becomes the policy's target, how games ended that of V.

Shape key: T plies, B games, M plies of a minibatch, G of them searched, K moves kept of a policy.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.decide import Column
from keisei_core.experience import Replay, Segment
from keisei_core.learn import AlgorithmContext, Batch, MoveWeights, Outputs, Report, explained_variance
from keisei_plugins_zero.options import ZeroOptions
from keisei_plugins_zero.returns import Float32Array, returns

KEPT = 24
"""K, as the decider `search` gives it."""


class Zero:
    """Learns policy and value from a window of segments in which some plies were searched."""

    columns = (
        Column("is_searched", np.bool_),
        Column("search_action", np.int16, (KEPT,)),
        Column("search_weight", np.float16, (KEPT,)),
        Column("search_value", np.float32),
    )

    def __init__(self, context: AlgorithmContext, options: ZeroOptions) -> None:
        self.context = context
        self.options = options
        self.replay = Replay(options.window)

    def learn(self, segment: Segment, progress: float, stop: Callable[[], bool]) -> Report:
        """Makes one update: a pass over the newest segment, and over others of the window; see `Algorithm.learn`."""
        self.replay.add(segment)
        segments = list(self.replay.segments)
        targets = returns(segments, gamma=self.options.gamma, result=self.options.result)
        report = Report()
        for number in self._chosen():
            self._learn_from(segments[number], targets[number], progress, stop, report)
        report.figures |= self._health(segment, targets[-1])
        return report

    def _chosen(self) -> list[int]:
        """Returns the numbers of the segments to learn from: the newest, then others that are drawn."""
        newest = len(self.replay) - 1
        drawn = self.context.batches.order.integers(len(self.replay), size=self.options.passes - 1)
        return [newest, *drawn.tolist()]

    def _learn_from(
        self, segment: Segment, target: Float32Array, progress: float, stop: Callable[[], bool], report: Report
    ) -> None:
        """Takes the steps of one pass over a segment."""
        steps = self.context.steps
        for batch in self.context.batches.epochs(segment, progress):
            outputs = steps.evaluate(batch)
            loss, terms = self._loss(outputs, batch.of(target))
            figures = steps.agree(outputs, loss, terms, stop, report)
            if figures is not None:
                steps.take(outputs, loss, figures, report)

    def _loss(self, outputs: Outputs, target: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Returns the loss of a minibatch and its figures.

        Args:
            outputs: what the network makes of the plies now.
            target: float32 [M], what V should be.
        """
        options = self.options
        wanted, rows = searched_policies(outputs.batch)
        chosen = torch.from_numpy(rows).to(target.device)
        policy_loss = wanted.loss(outputs.policy[chosen]).sum() / max(len(rows), 1)
        value_loss = (outputs.value - target).square().mean() / 2
        loss = options.policy_coefficient * policy_loss + options.value_coefficient * value_loss
        with torch.no_grad():
            spread = outputs.policy.entropy()
            most_possible = outputs.policy.num_moves.clamp(min=2).log()
            figures = {
                "policy_loss": policy_loss.detach(),
                "value_loss": value_loss.detach(),
                "entropy": spread.mean(),
                "relative_entropy": (spread / most_possible).mean(),
            }
        return loss, figures

    def _health(self, segment: Segment, target: Float32Array) -> dict[str, float]:
        """Returns figures of the newest segment and of the window."""
        value = segment.columns["search_value"]
        return {
            "explained_variance": explained_variance(target, target - value),
            "searched": float(segment.columns["is_searched"][segment.learned].mean()) if segment.learned.any() else 0.0,
            "value_std": float(value.std()),
            "window_plies": float(sum(one.num_plies for one in self.replay.segments)),
            "window_mb": self.replay.num_bytes / 1e6,
        }

    def state(self) -> tuple[dict[str, NDArray[np.generic]], dict[str, Any]]:
        """Returns the window: see `Replay.state`."""
        return self.replay.state()

    def load_state(self, arrays: Mapping[str, NDArray[np.generic]], data: Mapping[str, Any]) -> None:
        """Takes the window back."""
        self.replay.load_state(arrays, data)


def searched_policies(batch: Batch) -> tuple[MoveWeights, NDArray[np.int64]]:
    """Returns the policies that searches found in a minibatch, G of them, and in which rows of it, int64 [G]."""
    columns = batch.segment.columns
    rows = np.flatnonzero(columns["is_searched"].reshape(-1)[batch.rows])
    plies = batch.rows[rows]
    action, weight = (columns[name].reshape(-1, KEPT)[plies] for name in ("search_action", "search_weight"))
    return MoveWeights(action=action, weight=weight), rows
