"""Brings a checkpoint to a shallower network: the last blocks of its tower are cut off, what is left learns on.

What the network says changes, so that a step costs much: it is only taken where nothing cheaper leads to the goal.
"""

from collections.abc import Mapping
from typing import Final

import attrs
from keisei_core.errors import MigrationError
from keisei_core.migration import Form, Migrated, MigrationContext, Refusal, Snapshot, Step
from torch import Tensor

COST_OF_A_BLOCK: Final = 10
"""1 would promise that the function stays the same."""


class MynameMigrator:
    """Cuts blocks off networks that declare where their blocks are."""

    def __init__(self, context: MigrationContext) -> None:
        self.goal = context.goal
        self.networks = context.networks

    def offer(self, form: Form) -> Step | Refusal | None:
        """Says what it can do for a checkpoint of this form; None where the goal has no fewer blocks."""
        is_other_network = (form.format, form.model) != (self.goal.format, self.goal.model)
        if form == self.goal or is_other_network or form.channels is None:
            return None
        complaint = self.networks.complaint(form)
        if complaint:
            return Refusal(complaint)
        blocks = self.networks.blueprint(form).layout.blocks
        count = 0 if blocks is None else self.goal.option(blocks.option)
        if blocks is None or not isinstance(count, int) or not 0 < count < blocks.count:
            return None
        num_cut = blocks.count - count
        summary = f"the last {num_cut} of {blocks.count} blocks in {blocks.prefix!r} are cut off"
        return Step(to=form.with_option(blocks.option, count), cost=num_cut * COST_OF_A_BLOCK, summary=summary)

    def apply(self, snapshot: Snapshot, step: Step) -> Migrated:
        """Keeps every tensor that the shallower network has, and its moments.

        Raises:
            MigrationError: a tensor is not what the snapshot's form says.
        """
        self._check(snapshot)
        kept = self.networks.weights(step.to)
        return Migrated(
            snapshot=attrs.evolve(
                snapshot,
                form=step.to,
                weights=_only(snapshot.weights, kept),
                optimizer={key: tensor for key, tensor in snapshot.optimizer.items() if key.rpartition(":")[0] in kept},
            )
        )

    def _check(self, snapshot: Snapshot) -> None:
        for name, tensor in self.networks.weights(snapshot.form).items():
            found = snapshot.weights.get(name)
            if found is None or found.shape != tensor.shape:
                got = "none" if found is None else list(found.shape)
                raise MigrationError([f"{name}: expected a tensor of shape {list(tensor.shape)}, got {got}"])


def _only(tensors: Mapping[str, Tensor], names: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor for name, tensor in tensors.items() if name in names}
