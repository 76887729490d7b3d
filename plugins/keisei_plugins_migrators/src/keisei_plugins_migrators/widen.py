"""More channels, the function kept: what is new is made from the start but weighed with 0 by all that reads it.

Where channels are normalised together, new ones would change the statistics of the old ones. Either the new ones are
normalised apart from them, or they are copies: every group of the wider network holds each channel of one old group
equally often, and so has its mean and variance. Fewer won't do: n channels and m more keep the statistics of the n for
every input only if the m together vary in every way the n do, so m is at least n.
"""

import attrs

from keisei_core.migration import (
    INPUT,
    Channels,
    Form,
    Layout,
    Migrated,
    MigrationContext,
    Origin,
    Refusal,
    Snapshot,
    Step,
    transplant,
)
from keisei_plugins_migrators.arrangement import arranged


class WidenMigrator:
    """Gives a network the goal's options where they only mean more channels."""

    def __init__(self, context: MigrationContext) -> None:
        self._goal = context.goal
        self._networks = context.networks

    def offer(self, form: Form) -> Step | Refusal | None:
        """Offers the goal's sizes, but not its number of blocks, to the same network; see `Migrator.offer`."""
        if (form.format, form.model) != (self._goal.format, self._goal.model) or form.channels is None:
            return None
        complaint = self._networks.complaint(form)
        if complaint:
            return Refusal(complaint)
        old = self._networks.blueprint(form).layout
        to = attrs.evolve(form, options=self._goal.options)
        if old.blocks is not None:
            to = to.with_option(old.blocks.option, form.option(old.blocks.option))
        if to == form:
            return None
        complaint = self._networks.complaint(to) or _complaint(old, self._networks.blueprint(to).layout)
        return Refusal(complaint) if complaint else Step(to=to, cost=1, summary=", ".join(form.differences(to)))

    def apply(self, snapshot: Snapshot, step: Step) -> Migrated:
        """Widens; see `Migrator.apply`."""
        old, new = self._networks.blueprint(snapshot.form), self._networks.blueprint(step.to)
        origins = {}
        for name, channels in new.layout.channels.items():
            before = old.layout.channels[name]
            source = arranged(before, channels)
            if name != INPUT and source is not None and (before != channels):
                origins[name] = Origin(source)
        moved = transplant(snapshot.weights, snapshot.optimizer, old=old, new=new, origins=origins)
        return Migrated(
            snapshot=attrs.evolve(snapshot, form=step.to, weights=moved.weights, optimizer=moved.optimizer),
            notes=moved.notes,
        )


def _complaint(old: Layout, new: Layout) -> str | None:
    """Says why the new layout can't be reached; None where it can."""
    if set(old.axes) != set(new.axes) or set(old.channels) != set(new.channels):
        tensors = sorted(set(old.axes) ^ set(new.axes))
        return f"the networks are built of other parts: {', '.join(tensors[:3])}; only channels can be added"
    for name, before in old.channels.items():
        after = new.channels[name]
        if after.size < before.size:
            text = f"{name}: {before.size} -> {after.size} channels would drop some that have learned"
            return f"{text}; keep at least {before.size}, or train a narrower network from the start"
        if arranged(before, after) is None:
            advice = old.advice.format(added=after.size - before.size)
            return f"{_mixed(name, before, after)}{advice and f'; {advice}'}"
    return None


def _mixed(name: str, before: Channels, after: Channels) -> str:
    """Says which groups do not fit."""
    for old, new in zip(before.groups, after.groups, strict=False):
        if arranged(Channels(size=before.size, groups=(old,)), Channels(size=after.size, groups=(new,))) is None:
            return (
                f"{name}: {before.size} -> {after.size} channels: groups of {_sizes(old)} that are normalised together "
                f"can't become groups of {_sizes(new)} without a change of their mean and variance"
            )
    return f"{name}: {before.size} -> {after.size} channels can't keep the statistics of all its groups at once"


def _sizes(groups: tuple[int, ...]) -> str:
    return " and ".join(str(size) for size in sorted(set(groups)))
