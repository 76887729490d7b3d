"""Learning from rollouts by PPO: advantages, minibatches, gradient steps, and when to stop.

Shape key: T plies, B games, N = T * B.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.config.tables import PPOTable
from keisei_core.distribution import DistributionBackend, never, share_of_each
from keisei_core.errors import DivergedError, StoppedError
from keisei_core.evaluate import ActorCritic
from keisei_core.experience import Rollout
from keisei_core.learn.advantage import estimate
from keisei_core.learn.lessons import Lessons, lessons_on, mates_beside
from keisei_core.learn.loss import Loss, Minibatch, ppo_loss
from keisei_core.observe import FeatureSet
from keisei_core.precision import PrecisionPolicy
from keisei_core.shogi import Positions, legal_mask, material

Float32Array = NDArray[np.float32]

MIN_VARIANCE: Final = 1e-9
"""Variance of targets below which there is nothing to explain."""


@attrs.define(kw_only=True)
class UpdateReport:
    """Means over the gradient steps of one update, and what is known once per update."""

    figures: dict[str, float] = attrs.field(factory=dict)
    num_steps: int = 0
    num_skipped: int = 0
    num_positions: int = 0
    """In the minibatches of steps taken or skipped, those in which moves are only taught included; of this process."""
    stopped_by_kl: bool = False

    def add(self, figures: Mapping[str, float]) -> None:
        """Takes in one gradient step's figures."""
        self.num_steps += 1
        for name, value in figures.items():
            mean = self.figures.get(name, 0.0)
            self.figures[name] = mean + (value - mean) / self.num_steps


class Learner:
    """Owns the optimiser and the order of minibatches."""

    def __init__(
        self,
        network: ActorCritic,
        features: FeatureSet,
        precision: PrecisionPolicy,
        backend: DistributionBackend,
        table: PPOTable,
        *,
        device: torch.device,
        seed: int,
    ) -> None:
        self.network = backend.wrap(network)
        self.features = features
        self.precision = precision
        self.backend = backend
        self.table = table
        self.share = share_of_each(table.minibatch, backend, "[ppo] minibatch")
        """Plies of a minibatch that are this process's."""
        self.device = device
        self.order = np.random.default_rng(seed)
        self.optimizer = torch.optim.Adam(network.parameters(), lr=table.learning_rate, eps=table.adam_epsilon)
        self.skipped_in_a_row = 0

    def update(self, rollout: Rollout, progress: float, stop: Callable[[], bool] = never) -> UpdateReport:
        """Learns from one rollout.

        Args:
            rollout: read only.
            progress: 0 at the start of the run, 1 at its end; learning rate and entropy follow it linearly.
            stop: asked between minibatches whether to give up; one process that says so speaks for all.

        Raises:
            StoppedError: `stop` said so on some process; the network is left between two minibatches.
            DivergedError: loss or gradient was nan or inf too many times in a row.
        """
        advantage, target = self.advantage_and_target(rollout)
        report = UpdateReport()
        self._set_learning_rate(progress)
        self.network.train()
        # Over the whole rollout if not told otherwise: dividing a quiet minibatch by its own spread amplifies noise.
        scaled = advantage
        if self.table.advantage_scaling == "rollout":
            scaled = self.normalized(advantage, rollout.learned)
        for batch in self._minibatches(rollout, scaled, target):
            if not self._learn(batch, progress, report, stop):
                report.stopped_by_kl = True
                break
        self.backend.settle(self.network)
        report.figures |= self.health(rollout, advantage, target)
        return report

    def advantage_and_target(self, rollout: Rollout) -> tuple[Float32Array, Float32Array]:
        """Returns advantages (not normalised) and value targets, float32 [T, B] each, for the player who moved."""
        table = self.table
        advantage = estimate(rollout, rollout.reward, gamma=table.gamma, gae_lambda=table.gae_lambda)
        return advantage, advantage + rollout.value[:-1]

    def normalized(self, advantage: Float32Array, learned: NDArray[np.bool_]) -> Float32Array:
        """Centres advantages and divides by their spread over all processes, but at least by the floor.

        Args:
            advantage: float32 [T, B], or any other shape.
            learned: bool of the same shape, the plies that count.
        """
        wide = advantage.astype(np.float64)
        own = wide[learned]
        sums = torch.tensor([own.size, own.sum(), np.square(own).sum()], dtype=torch.float64, device=self.device)
        count, total, squares = self.backend.sum(sums).tolist()
        count = max(count, 1)  # where opponents from the pool played every ply
        mean = total / count
        spread = math.sqrt(max(squares / count - mean**2, 0.0))
        normalized: Float32Array = ((wide - mean) / max(spread, self.table.advantage_std_floor)).astype(np.float32)
        return normalized

    def _minibatches(self, rollout: Rollout, advantage: Float32Array, target: Float32Array) -> Iterator[Minibatch]:
        """Yields every ply that counts once per epoch, in random order; what an epoch has left over is left out."""
        rows = np.flatnonzero(rollout.learned)
        num_plies = self._fewest(len(rows))
        size = max(min(self.share, num_plies), 1)
        lessons = self._lessons(rollout.positions[rows]) if num_plies else None
        for _ in range(self.table.epochs):
            order = self.order.permutation(len(rows))
            for start in range(0, num_plies - size + 1, size):
                chosen = order[start : start + size]
                taught = self._taught(*lessons, chosen) if lessons else None
                yield self.minibatch(rollout, rows[chosen], advantage, target, taught)

    def _lessons(self, positions: Positions) -> tuple[Lessons, Lessons] | None:
        """Returns what is taught in positions, row by row, and beside them; None where nothing is."""
        table = self.table
        if not table.tactics:
            return None
        own = lessons_on(positions, table.tactics_margin, table.mate_weight)
        beside = mates_beside(positions, table.mate_weight, self.order) if table.side_mates else own[:0]
        return own, beside

    def _taught(self, own: Lessons, beside: Lessons, rows: NDArray[np.int64]) -> Lessons:
        """Returns the lessons of some rows and after them others drawn from beside, if there are any."""
        if not len(beside):
            return own[rows]
        drawn = self.order.integers(len(beside), size=max(1, round(self.table.side_mates * len(rows))))
        return Lessons.concatenate([own[rows], beside[drawn]])

    def _fewest(self, count: int) -> int:
        """Returns the smallest count of any process, so that all make as many steps."""
        counts = torch.zeros(self.backend.world_size, dtype=torch.int64, device=self.device)
        counts[self.backend.rank] = count
        return int(self.backend.sum(counts).min())

    def minibatch(
        self,
        rollout: Rollout,
        rows: NDArray[np.int64],
        advantage: Float32Array,
        target: Float32Array,
        lessons: Lessons | None = None,
    ) -> Minibatch:
        """Makes planes and masks again from the stored positions and moves everything to the device.

        Args:
            rollout, rows: the plies learned from.
            advantage, target: float32 [T, B], of the whole rollout.
            lessons: what is taught: those of the rows, then those of further positions; nothing if not given.
        """
        chosen = advantage.reshape(-1)[rows]
        if self.table.advantage_scaling == "minibatch":
            chosen = self.normalized(chosen, np.ones(len(rows), np.bool_))
        positions = rollout.positions[rows] if lessons is None else lessons.positions

        def on_device(array: NDArray[Any]) -> Tensor:
            return torch.from_numpy(array).to(self.device, non_blocking=True)

        taught = {}
        if lessons is not None:
            taught = {"sound": on_device(lessons.sound), "sound_weight": on_device(lessons.weight)}
        return Minibatch(
            planes=on_device(self.features.encode(positions)),
            material=on_device(material(positions)),
            legal=on_device(legal_mask(positions)),
            action=on_device(rollout.action.reshape(-1)[rows].astype(np.int64)),
            old_log_prob=on_device(rollout.log_prob.reshape(-1)[rows]),
            advantage=on_device(chosen),
            target=on_device(target.reshape(-1)[rows]),
            **taught,
        )

    def loss(self, batch: Minibatch, progress: float) -> Loss:
        """Returns the loss of a minibatch; the network runs in the run's precision, the loss in float32."""
        table = self.table
        with self.precision.autocast():
            logits, value = self.network(batch.planes, batch.material)
        return ppo_loss(
            logits,
            value,
            batch,
            clip=table.clip,
            value_coefficient=table.value_coefficient,
            entropy_coefficient=between(table.entropy_coefficient, table.final_entropy_coefficient, progress),
            tactics=table.tactics,
        )

    def _learn(self, batch: Minibatch, progress: float, report: UpdateReport, stop: Callable[[], bool]) -> bool:
        """Takes one gradient step; returns False, without a step, once the policy has moved far enough."""
        loss = self.loss(batch, progress)
        figures, is_finite = self._reduced(loss, stop)
        if not is_finite:
            self._skipped(report)
            return True
        if report.num_steps and 0 < self.table.target_kl < figures["kl"]:
            return False
        if not report.num_steps:
            report.figures["first_ratio_error"] = figures["ratio_error"]
        figures["gradient_norm"] = self.precision.step(loss.total, self.optimizer, self.table.max_grad_norm)
        report.num_positions += len(batch.planes)
        if math.isfinite(figures["gradient_norm"]):
            self.skipped_in_a_row = 0
            report.add(figures)
        else:
            self._skipped(report)
        return True

    def _reduced(self, loss: Loss, stop: Callable[[], bool]) -> tuple[dict[str, float], bool]:
        """Returns the figures as means over all processes, and whether the loss is finite on every one.

        The question whether to stop goes along, so that all processes stop at the same minibatch at no extra cost.
        """
        asked = torch.full_like(loss.total, float(stop()))
        values = torch.stack([*loss.figures.values(), loss.total.detach(), asked])
        *means, total, asking = (self.backend.sum(values) / self.backend.world_size).tolist()
        if asking > 0:
            raise StoppedError("asked to stop during learning")
        return dict(zip(loss.figures, means, strict=True)), math.isfinite(total)

    def _skipped(self, report: UpdateReport) -> None:
        """Counts a step not taken because its loss or gradient was nan or inf, and gives up after too many in a row."""
        report.num_skipped += 1
        self.skipped_in_a_row += 1
        if self.skipped_in_a_row >= self.table.max_skipped_steps:
            raise DivergedError(
                f"loss or gradient was nan or inf in {self.skipped_in_a_row} steps in a row, none of which was taken; "
                "lower ppo.learning_rate in the run's config.toml and resume from the last checkpoint"
            )

    def _set_learning_rate(self, progress: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = between(self.table.learning_rate, self.table.final_learning_rate, progress)

    def health(self, rollout: Rollout, advantage: Float32Array, target: Float32Array) -> dict[str, float]:
        """Returns figures that show whether the value and the signal are alive."""
        return {
            "explained_variance": explained_variance(target, advantage),
            "advantage_std": float(advantage.std()),
            "value_std": float(rollout.value[:-1].std()),
            "learning_rate": float(self.optimizer.param_groups[0]["lr"]),
        }


def explained_variance(target: Float32Array, error: Float32Array) -> float:
    """Returns the share of the targets' variance that is not left in the errors: 1 all, 0 none; 0 without variance."""
    variance = float(target.var())
    return 1 - float(error.var()) / variance if variance > MIN_VARIANCE else 0.0


def between(start: float, end: float, progress: float) -> float:
    """Goes linearly from `start` at progress 0 to `end` at progress 1."""
    return start + (end - start) * min(max(progress, 0.0), 1.0)
