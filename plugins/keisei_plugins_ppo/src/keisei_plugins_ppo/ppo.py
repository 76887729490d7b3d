"""The algorithm `ppo`: advantages, minibatches, when to stop.

Shape key: T plies, B games.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.decide import Column
from keisei_core.experience import Replay, Segment
from keisei_core.learn import AlgorithmContext, Batch, Report, between, explained_variance
from keisei_plugins_ppo.advantage import estimate
from keisei_plugins_ppo.loss import ppo_loss, value_loss
from keisei_plugins_ppo.options import PPOOptions

Float32Array = NDArray[np.float32]
TARGET: Final = "target"
"""Column of a segment that is kept: what V should have been."""


class Coefficients(NamedTuple):
    """Weights of the loss's terms that go from one value to another in the course of a run."""

    value: float
    entropy: float


class PPO:
    """Learns policy and value from segments that the policy itself played; of plies that it did not, the value."""

    columns = (
        Column("log_prob", np.float32),
        Column("value", np.float32),
        Column("is_drawn", np.bool_, default=True),
    )

    def __init__(self, context: AlgorithmContext, options: PPOOptions) -> None:
        self.context = context
        self.options = options
        self.replay = Replay(options.replay_window if options.replay_passes else 0)

    def learn(self, segment: Segment, progress: float, stop: Callable[[], bool]) -> Report:
        """Makes one update; see `Algorithm.learn`."""
        options, steps, coefficients = self.options, self.context.steps, self._coefficients(progress)
        advantage, target = self.advantage_and_target(segment)
        # Over the whole segment if not told otherwise: dividing a quiet minibatch by its own spread amplifies noise.
        drawn = segment.learned & segment.columns["is_drawn"]
        scaled = self.normalized(advantage, drawn) if options.advantage_scaling == "rollout" else advantage
        report, ended_by_kl = Report(), False
        for batch in self.context.batches.epochs(segment, progress, num_epochs=options.epochs):
            outputs = steps.evaluate(batch)
            loss, terms = ppo_loss(
                outputs,
                advantage=self._advantage_of(batch, scaled),
                target=batch.of(target),
                old_log_prob=batch.column("log_prob"),
                is_drawn=batch.column("is_drawn"),
                clip=options.clip,
                policy_coefficient=options.policy_coefficient,
                value_coefficient=coefficients.value,
                entropy_coefficient=coefficients.entropy,
            )
            figures = steps.agree(outputs, loss, terms, stop, report)
            if figures is None:
                continue
            if 0 < options.target_kl < figures["kl"] and report.num_steps:
                ended_by_kl = True
                break
            if "first_ratio_error" not in report.figures:
                report.figures["first_ratio_error"] = figures["ratio_error"]
            steps.take(outputs, loss, figures, report)
        self.replay.add(attrs.evolve(segment, columns={**segment.columns, TARGET: target}))
        self._learn_again(progress, stop, report)
        report.figures |= self.health(segment, advantage, target) | {"stopped_by_kl": float(ended_by_kl)}
        return report

    def _learn_again(self, progress: float, stop: Callable[[], bool], report: Report) -> None:
        """Makes the further passes: V learns the targets that a segment had when it was played, teachers teach along.

        The policy has moved on since, so that nothing is learned of the moves that were drawn; its entropy is rewarded.
        """
        steps, batches, segments = self.context.steps, self.context.batches, list(self.replay.segments)
        coefficients = self._coefficients(progress)
        for number in batches.order.integers(max(len(segments), 1), size=self.options.replay_passes).tolist():
            for batch in batches.epochs(segments[number], progress):
                outputs = steps.evaluate(batch)
                error = value_loss(outputs.value, batch.column(TARGET))
                loss = coefficients.value * error - coefficients.entropy * outputs.policy.entropy().mean()
                figures = steps.agree(outputs, loss, {"replay_value_loss": error.detach()}, stop, report)
                if figures is not None:
                    steps.take(outputs, loss, figures, report)

    def advantage_and_target(self, segment: Segment) -> tuple[Float32Array, Float32Array]:
        """Returns advantages (not normalised) and value targets, float32 [T, B] each, for the player who moved."""
        options, evaluator = self.options, self.context.evaluator
        value = segment.columns["value"]
        beyond_cut = np.zeros(value.shape, np.float32)
        if len(segment.cut):
            beyond_cut.reshape(-1)[segment.cut_rows] = evaluator.value(segment.cut)
        advantage = estimate(
            segment,
            np.concatenate([value, evaluator.value(segment.after)[None]]),
            beyond_cut,
            gamma=options.gamma,
            gae_lambda=options.gae_lambda,
        )
        return advantage, advantage + value

    def normalized(self, advantage: Float32Array, learned: NDArray[np.bool_]) -> Float32Array:
        """Centres advantages and divides by their spread over all processes, but at least by the floor.

        Args:
            advantage: float32 [T, B], or any other shape.
            learned: bool of the same shape, the plies that count.
        """
        wide = advantage.astype(np.float64)
        own = wide[learned]
        sums = torch.tensor([own.size, own.sum(), np.square(own).sum()], dtype=torch.float64)
        count, total, squares = self.context.backend.sum(sums.to(self.context.device)).tolist()
        count = max(count, 1)  # where opponents from the pool played every ply
        mean = total / count
        spread = math.sqrt(max(squares / count - mean**2, 0.0))
        normalized: Float32Array = ((wide - mean) / max(spread, self.options.advantage_std_floor)).astype(np.float32)
        return normalized

    def _coefficients(self, progress: float) -> Coefficients:
        options = self.options
        return Coefficients(
            value=between(options.value_coefficient, options.final_value_coefficient, progress),
            entropy=between(options.entropy_coefficient, options.final_entropy_coefficient, progress),
        )

    def _advantage_of(self, batch: Batch, scaled: Float32Array) -> Tensor:
        """Returns a minibatch's advantages, float32 [M], scaled as the options want it."""
        if self.options.advantage_scaling != "minibatch":
            return batch.of(scaled)
        own, drawn = scaled.reshape(-1)[batch.rows], batch.segment.columns["is_drawn"].reshape(-1)[batch.rows]
        return torch.from_numpy(self.normalized(own, drawn)).to(self.context.device)

    def health(self, segment: Segment, advantage: Float32Array, target: Float32Array) -> dict[str, float]:
        """Returns figures that show whether the value and the signal are alive."""
        return {
            "explained_variance": explained_variance(target, advantage),
            "advantage_std": float(advantage.std()),
            "value_std": float(segment.columns["value"].std()),
        }

    def state(self) -> tuple[dict[str, NDArray[np.generic]], dict[str, Any]]:
        """Returns the segments that are kept, see `Replay.state`; nothing where every update stands alone."""
        return self.replay.state() if self.options.replay_passes else ({}, {})

    def load_state(self, arrays: Mapping[str, NDArray[np.generic]], data: Mapping[str, Any]) -> None:
        """Takes them back; a run that begins to keep segments has none yet."""
        if self.options.replay_passes and data:
            self.replay.load_state(arrays, data)
