"""One gradient step: the network's outputs, what is taught added to the loss, whether all processes agree, the step.

Shape key: M plies of a minibatch, L positions beside.
"""

import math
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Final

import attrs
import torch
from torch import Tensor, nn

from keisei_core.config.tables import LearningTable
from keisei_core.distribution import DistributionBackend
from keisei_core.errors import DivergedError, PluginError, StoppedError
from keisei_core.evaluate import ActorCritic, MovePolicy
from keisei_core.learn.auxiliary import auxiliary_loss
from keisei_core.learn.batch import Batch
from keisei_core.learn.optimizer import Optimization
from keisei_core.learn.pull import pulls
from keisei_core.learn.report import Report
from keisei_core.learn.told import Told
from keisei_core.precision import PrecisionPolicy

READ_EVERY: Final = 8
"""Steps on a GPU after which one looks at what they told: each look lets it run dry of work."""


@attrs.frozen(eq=False, kw_only=True)
class Outputs:
    """What the network makes of a minibatch, float32, for the algorithm's loss."""

    batch: Batch
    policy: MovePolicy
    """Of the M positions."""
    value: Tensor
    """float32 [M], V."""
    beside: Tensor
    """float32 scalar: the loss of what is taught along, and of the network's further outputs."""
    beside_figures: Mapping[str, Tensor]
    logits: Tensor
    """[rows of the batch, 2187], as the network gave them."""
    taught: Mapping[str, Tensor]
    """float32 scalars: each teacher's part of `beside`, by its name."""


class GradientSteps:
    """Takes the steps of a run, and counts in a report."""

    def __init__(
        self,
        network: ActorCritic,
        optimization: Optimization,
        precision: PrecisionPolicy,
        backend: DistributionBackend,
        table: LearningTable,
        owner: str = "",
    ) -> None:
        """Takes over the parts.

        Args:
            network: the one that acts too.
            optimization: of its parameters.
            precision: of forward passes and steps.
            backend: wraps the network, and adds up what processes have to agree on.
            table: limits of a step.
            owner: whose the optimiser is, for what is said of a wrong learning rate.
        """
        self.owner = owner
        self.network = backend.wrap(network)
        self.model: nn.Module = network.network
        self.model_owner = network.owner
        self.optimization = optimization
        self.precision = precision
        self.backend = backend
        self.table = table
        self.skipped_in_a_row = 0
        self.read_every = READ_EVERY if backend.device.type == "cuda" else 1
        """After so many steps what they told is read; whoever looks at a figure sooner waits for the device."""
        self._steps: list[_Step] = []
        self._has_begun = False

    @property
    def optimizer(self) -> torch.optim.Optimizer:
        """The optimiser itself."""
        return self.optimization.optimizer

    def begin(self, progress: float) -> float:
        """Makes ready for an update; returns the learning rate.

        Raises:
            PluginError: the optimiser's schedule gives none.
        """
        rate = self.optimization.rate(progress)
        if not (math.isfinite(rate) and rate > 0):
            raise PluginError(f"optimizer {self.owner} must give a learning rate above 0, got {rate!r}")
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group.get("lr_scale", 1.0)
        self.network.train()
        self._steps, self._has_begun = [], False
        return rate

    def end(self) -> None:
        """Counts the last steps, and settles what processes keep apart during an update.

        Raises:
            StoppedError, DivergedError: see `take`.
        """
        self.settle()
        self.backend.settle(self.network)

    def evaluate(self, batch: Batch) -> Outputs:
        """Runs the network on a minibatch in the run's precision; the rest is float32."""
        with self.precision.autocast():
            logits, value, extra = self.network(batch.planes, batch.material)
        policy = MovePolicy.of(logits, batch.moves)
        num_plies = batch.num_plies
        beside, figures, taught = torch.zeros((), device=value.device), dict[str, Tensor](), dict[str, Tensor]()
        for lecture in batch.lectures:
            taught[lecture.name], its_figures = lecture.loss(policy, value, num_plies)
            beside, figures = beside + taught[lecture.name], figures | its_figures
        if extra:
            plies = {name: tensor[:num_plies] for name, tensor in extra.items()}
            loss, its_figures = auxiliary_loss(self.model, plies, batch)
            beside, figures = beside + loss, figures | its_figures
        return Outputs(
            batch=batch,
            policy=policy[:num_plies],
            value=value[:num_plies],
            beside=beside,
            beside_figures=figures,
            logits=logits,
            taught=taught,
        )

    def agree(
        self, outputs: Outputs, loss: Tensor, figures: Mapping[str, Tensor], stop: Callable[[], bool], report: Report
    ) -> Mapping[str, float] | None:
        """Brings the processes together on one minibatch, before its step.

        On a GPU nobody waits for an answer here but for that of an update's first minibatch: what minibatches tell is
        read and counted at every step that `READ_EVERY` names.

        Args:
            outputs: of the minibatch.
            loss: float32 scalar, the algorithm's own part.
            figures: float32 scalars, detached.
            stop: asked whether to give up; one process that says so speaks for all.
            report: counts a minibatch whose loss is nan or inf as skipped.

        Returns:
            The figures as means over all processes, those of what is taught among them: reading one waits for the
            device. None where the loss is known not to be finite on every process: the minibatch is to be left.

        Raises:
            StoppedError: `stop` said so on some process.
            DivergedError: too many minibatches in a row could not be learned from.
            PluginError: the network's further outputs, or a teacher, call a figure as the algorithm does.
        """
        if taken := sorted(figures.keys() & outputs.beside_figures.keys()):
            givers = "the network's further outputs or a teacher"
            raise PluginError(f"{', '.join(taken)}: figures of the algorithm, and of {givers} too; name these apart")
        pulled = {} if self._has_begun else pulls(outputs.logits, loss, outputs.taught)
        named = {**figures, **outputs.beside_figures, **pulled}
        total = (loss + outputs.beside).detach()
        # The question whether to stop goes along, so that all processes stop at the same minibatch at no extra cost.
        asked = torch.full_like(total, float(stop()))
        told = Told(
            tuple(named), torch.stack([*(figure.float() for figure in named.values()), total, asked]), self._read
        )
        if self._has_begun and self.read_every > 1:
            return told
        if not told.is_finite:
            self._skipped(report)
            return None
        self._has_begun = True
        return told

    def take(self, outputs: Outputs, loss: Tensor, figures: Mapping[str, float], report: Report) -> None:
        """Takes the step down the algorithm's loss and what is taught along, if its gradient is finite.

        Args:
            outputs: of the minibatch.
            loss: float32 scalar, the algorithm's own part.
            figures: what `agree` gave; enters the report with the gradient's norm, once that is read.
            report: counts the step.

        Raises:
            StoppedError: as `agree` raises it.
            DivergedError: too many minibatches in a row could not be learned from.
        """
        total = loss + outputs.beside
        if self.read_every > 1:
            # Whoever read the figures did not ask for the loss. Nan, not 0: that makes the gradient one that is
            # skipped, on every process.
            total = total * torch.where(total.detach().isfinite(), 1.0, torch.nan)
        norm = self.precision.step(total, self.optimizer, self.table.max_grad_norm)
        report.num_positions += len(outputs.batch.planes)
        self._steps.append(_Step(figures=figures, norm=norm, report=report))
        if len(self._steps) >= self.read_every:
            self.settle()

    def settle(self) -> None:
        """Reads what steps have told that nobody has looked at, all at once, and counts them.

        Raises:
            StoppedError, DivergedError: see `take`.
        """
        steps, self._steps = self._steps, []
        unknown = [step.figures for step in steps if isinstance(step.figures, Told) and not step.figures.is_known]
        norms = [step.norm for step in steps if isinstance(step.norm, Tensor)]
        sums = (
            [self.backend.sum(torch.cat([told.tensor for told in unknown])) / self.backend.world_size]
            if unknown
            else []
        )
        numbers = iter(torch.cat([*sums, *(norm.reshape(1) for norm in norms)]).tolist() if sums or norms else ())
        for told in unknown:
            told.know(list(islice(numbers, len(told.tensor))))
        for step in steps:
            self._count(step, next(numbers) if isinstance(step.norm, Tensor) else step.norm)

    def _count(self, step: "_Step", norm: float) -> None:
        """Enters a step into its report, taken or skipped."""
        if isinstance(step.figures, Told):
            _require_going_on(step.figures.is_asked_to_stop)
        if math.isfinite(norm):
            self.skipped_in_a_row = 0
            step.report.add({**step.figures, "gradient_norm": norm})
        else:
            self._skipped(step.report)

    def _read(self, values: Tensor) -> list[float]:
        """Returns what a minibatch told as means over all processes; the steps before it are counted by then.

        Raises:
            StoppedError: one of them was asked to stop, and the algorithm need not hand on what it has read.
        """
        self.settle()
        means: list[float] = (self.backend.sum(values) / self.backend.world_size).tolist()
        _require_going_on(means[-1] > 0)
        return means

    def _skipped(self, report: Report) -> None:
        """Counts a step not taken because its loss or gradient was nan or inf, and gives up after too many in a row."""
        report.num_skipped += 1
        self.skipped_in_a_row += 1
        if self.skipped_in_a_row >= self.table.max_skipped_steps:
            raise DivergedError(
                f"loss or gradient was nan or inf in {self.skipped_in_a_row} steps in a row, none of which was taken; "
                "lower optimizer.learning_rate in the run's config.toml and resume from the last checkpoint; what does "
                f"not learn is {self.model_owner}"
            )


@attrs.frozen(eq=False, kw_only=True)
class _Step:
    """A step that was asked for."""

    figures: Mapping[str, float]
    norm: float | Tensor
    """Of the gradient; nan or inf where the step was left out."""
    report: Report


def _require_going_on(is_asked_to_stop: bool) -> None:
    """Leaves the update where a process was asked to.

    Raises:
        StoppedError: one was.
    """
    if is_asked_to_stop:
        raise StoppedError("asked to stop during learning")
