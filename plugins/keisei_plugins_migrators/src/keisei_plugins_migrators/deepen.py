"""More blocks: they come last in the tower and change nothing until they have learned."""

import attrs
import torch

from keisei_core.migration import (
    Blocks,
    Blueprint,
    Form,
    Migrated,
    MigrationContext,
    Refusal,
    Snapshot,
    Step,
)


class DeepenMigrator:
    """Appends blocks that are the identity."""

    def __init__(self, context: MigrationContext) -> None:
        self._goal = context.goal
        self._networks = context.networks

    def offer(self, form: Form) -> Step | Refusal | None:
        """Offers the goal's number of blocks to the same network; see `Migrator.offer`."""
        if (form.format, form.model) != (self._goal.format, self._goal.model) or form.channels is None:
            return None
        complaint = self._networks.complaint(form)
        if complaint:
            return Refusal(complaint)
        blocks = self._networks.blueprint(form).layout.blocks
        if blocks is None or form.option(blocks.option) == self._goal.option(blocks.option):
            return None
        to = form.with_option(blocks.option, self._goal.option(blocks.option))
        complaint = self._networks.complaint(to)
        if complaint:
            return Refusal(complaint)
        return _step(blocks, self._networks.blueprint(to).layout.blocks, to)

    def apply(self, snapshot: Snapshot, step: Step) -> Migrated:
        """Appends the blocks; see `Migrator.apply`."""
        old, new = self._networks.blueprint(snapshot.form), self._networks.blueprint(step.to)
        weights = {**snapshot.weights, **_appended(old, new)}
        return Migrated(snapshot=attrs.evolve(snapshot, form=step.to, weights=weights))


def _step(old: Blocks, new: Blocks | None, to: Form) -> Step | Refusal:
    if new is None or new.count < old.count:
        count = 0 if new is None else new.count
        text = f"{old.option} {old.count} -> {count} would cut off blocks that have learned"
        return Refusal(f"{text}; keep at least {old.count}, or train a shallower network from the start")
    return Step(
        to=to, cost=1, summary=f"{new.count - old.count} more blocks in {new.prefix!r}, which start as the identity"
    )


def _appended(old: Blueprint, new: Blueprint) -> dict[str, torch.Tensor]:
    """Returns the tensors of the blocks that are new, those zero that must be for the identity."""
    blocks = new.layout.blocks
    assert blocks is not None
    appended = {name: tensor.clone() for name, tensor in new.weights.items() if name not in old.weights}
    for name, tensor in appended.items():
        _, _, rest = name.removeprefix(f"{blocks.prefix}.").partition(".")
        if rest in blocks.zeros:
            tensor.zero_()
    return appended
