"""Input planes by position, for weights without channel names: the last resort."""

import attrs
from torch import Tensor

from keisei_core.errors import MigrationError
from keisei_core.migration import (
    INPUT,
    Blueprint,
    Channels,
    Form,
    Migrated,
    MigrationContext,
    Origin,
    Refusal,
    Snapshot,
    Step,
    transplant,
)

COST = 3
"""More than any step by name: that the first planes are the same is believed, not known."""


class PositionalMigrator:
    """Takes the goal's first planes for those of the checkpoint; planes beyond them weigh nothing, or are cut off."""

    def __init__(self, context: MigrationContext) -> None:
        self._goal = context.goal
        self._networks = context.networks

    def offer(self, form: Form) -> Step | Refusal | None:
        """Offers the goal's planes where the checkpoint does not name its own; see `Migrator.offer`."""
        if form.format != self._goal.format or form.channels is not None:
            return None
        to = attrs.evolve(form, channels=self._goal.channels)
        complaint = self._networks.complaint(to)
        summary = f"planes by position, taken for the first of {len(to.channels or ())}"
        return Refusal(complaint) if complaint else Step(to=to, cost=COST, summary=summary)

    def apply(self, snapshot: Snapshot, step: Step) -> Migrated:
        """Pads the planes with zeros or cuts them off; see `Migrator.apply`."""
        new = self._networks.blueprint(step.to)
        size, wanted = _num_channels(snapshot.weights, new), new.layout.channels[INPUT].size
        channels = {**new.layout.channels, INPUT: Channels(size=size)}
        moved = transplant(
            snapshot.weights,
            snapshot.optimizer,
            old=Blueprint(snapshot.weights, attrs.evolve(new.layout, channels=channels)),
            new=new,
            origins={INPUT: Origin(tuple(index if index < size else None for index in range(wanted)))},
        )
        return Migrated(
            snapshot=attrs.evolve(snapshot, form=step.to, weights=moved.weights, optimizer=moved.optimizer),
            notes=(
                f"the checkpoint's {size} planes have no names: its first {min(size, wanted)} are believed to be those",
                *moved.notes,
            ),
        )


def _num_channels(weights: dict[str, Tensor], new: Blueprint) -> int:
    """Reads from the first tensor that weighs the planes how many there were."""
    for name, axes in new.layout.axes.items():
        for index, axis in enumerate(axes):
            if axis is not None and axis.channels == INPUT and name in weights:
                return weights[name].shape[index] // (axis.outer * axis.inner)
    raise MigrationError(["expected a tensor that weighs the planes, got none of those that the network has"])
