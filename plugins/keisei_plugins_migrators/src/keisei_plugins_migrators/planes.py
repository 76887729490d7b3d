"""From any input planes to any others, by channel name: the function stays, but for what dropped planes said."""

import attrs

from keisei_core.migration import (
    INPUT,
    Form,
    Migrated,
    MigrationContext,
    Origin,
    Refusal,
    Snapshot,
    Step,
    transplant,
)


class PlanesMigrator:
    """Takes over the weights of every plane that both have; new planes weigh nothing yet."""

    def __init__(self, context: MigrationContext) -> None:
        self._goal = context.goal
        self._networks = context.networks

    def offer(self, form: Form) -> Step | Refusal | None:
        """Offers the goal's planes to any network of the present format; see `Migrator.offer`."""
        if form.format != self._goal.format or form.channels is None or form.channels == self._goal.channels:
            return None
        to = attrs.evolve(form, channels=self._goal.channels)
        complaint = self._networks.complaint(form, to)
        return Refusal(complaint) if complaint else Step(to=to, cost=1, summary=next(form.differences(to)))

    def apply(self, snapshot: Snapshot, step: Step) -> Migrated:
        """Moves weights and moments of the planes; see `Migrator.apply`."""
        old, new = snapshot.form.channels or (), step.to.channels or ()
        place = {name: index for index, name in enumerate(old)}
        moved = transplant(
            snapshot.weights,
            snapshot.optimizer,
            old=self._networks.blueprint(snapshot.form),
            new=self._networks.blueprint(step.to),
            origins={INPUT: Origin(tuple(place.get(name) for name in new))},
        )
        return Migrated(
            snapshot=attrs.evolve(snapshot, form=step.to, weights=moved.weights, optimizer=moved.optimizer),
            notes=moved.notes,
        )
