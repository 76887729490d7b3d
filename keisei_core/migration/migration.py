"""A checkpoint brought to a goal: the chain of steps, taken."""

import attrs
from torch import Tensor

from keisei_core.errors import MigrationError, PluginError
from keisei_core.migration.chain import Link, best_chain
from keisei_core.migration.form import Form
from keisei_core.migration.migrator import MigrationContext, Migrator, Step
from keisei_core.migration.networks import Networks
from keisei_core.migration.report import TensorChange, changes, marks, without_marks
from keisei_core.migration.snapshot import Snapshot
from keisei_core.plugins import Kind, Registry
from keisei_core.plugins.notices import warn_once


@attrs.frozen(eq=False, kw_only=True)
class Stage:
    """One step, taken."""

    name: str
    """Of the migrator."""
    migrator: Migrator
    step: Step
    notes: tuple[str, ...]
    """What else the user should know, a line each."""


@attrs.frozen(eq=False, kw_only=True)
class Migration:
    """Where a checkpoint came from and what it became."""

    start: Snapshot
    end: Snapshot
    stages: tuple[Stage, ...]
    """None where the checkpoint is of the goal's form already."""
    changes: tuple[TensorChange, ...]
    """Every tensor of the weights that is not as it was."""

    @property
    def renamed(self) -> dict[str, str]:
        """What channels of the start are called at the end, where that is another name; those dropped are left out."""
        now = {name: name for name in self.start.form.channels or ()}
        for stage in self.stages:
            kept = set(stage.step.to.channels or ())
            now = {old: stage.step.renamed.get(name, name) for old, name in now.items()}
            now = {old: name for old, name in now.items() if name in kept}
        return {old: name for old, name in now.items() if old != name}

    def follow(self, weights: dict[str, Tensor]) -> dict[str, Tensor]:
        """Takes the weights of another network of the same form as the start through the same steps."""
        snapshot = attrs.evolve(self.start, weights=weights, optimizer={})
        for stage in self.stages:
            snapshot = stage.migrator.apply(snapshot, stage.step).snapshot
        return snapshot.weights


def migrate(start: Snapshot, goal: Form, networks: Networks, registry: Registry) -> Migration:
    """Takes the best chain of steps of all installed migrators.

    Raises:
        MigrationError: there is none.
        PluginError: a migrator does not keep its promise.
    """
    chain = chain_of(start.form, goal, networks, registry)
    snapshot, stages = attrs.evolve(start, optimizer={**start.optimizer, **marks(start.weights)}), []
    for link in chain:
        migrated = link.migrator.apply(snapshot, link.step)
        if migrated.snapshot.form != link.step.to:
            raise PluginError(f"migrator {link.name!r} promised {link.step.to}, gave {migrated.snapshot.form}")
        snapshot = migrated.snapshot
        stages.append(Stage(name=link.name, migrator=link.migrator, step=link.step, notes=migrated.notes))
    _require_fit(snapshot, networks)
    return Migration(
        start=start,
        end=attrs.evolve(snapshot, optimizer=without_marks(snapshot.optimizer)),
        stages=tuple(stages),
        changes=tuple(changes(start.weights, snapshot.weights, snapshot.optimizer)),
    )


def chain_of(start: Form, goal: Form, networks: Networks, registry: Registry) -> tuple[Link, ...]:
    """Finds the best chain of steps of all installed migrators; warns of those that can't be built.

    Raises:
        MigrationError: there is none; says too which migrators can't be built.
    """
    migrators, broken = _build(MigrationContext(goal=goal, networks=networks), registry)
    try:
        chain = best_chain(start, goal, migrators)
    except MigrationError as error:
        raise MigrationError([*error.reasons, *broken]) from error
    for cause in broken:  # it might have lost less
        warn_once(cause)
    return chain


def _build(context: MigrationContext, registry: Registry) -> tuple[dict[str, Migrator], list[str]]:
    """Builds every migrator; also returns why some can't be."""
    migrators, broken = {}, []
    for choice in registry.choices(Kind.MIGRATOR):
        is_plain = choice.owner.is_bundled or len(registry.owners(Kind.MIGRATOR, choice.name)) == 1
        name = choice.name if is_plain else choice.reference
        try:
            migrators[name] = choice.build(context)
        except PluginError as error:
            broken.append(str(error))
    return migrators, broken


def _require_fit(snapshot: Snapshot, networks: Networks) -> None:
    """Makes sure that the goal's network takes every tensor, before anything is written.

    Raises:
        MigrationError: it does not.
    """
    wanted = networks.weights(snapshot.form)
    got = snapshot.weights
    wrong = [name for name in sorted({*wanted, *got}) if _shape(wanted.get(name)) != _shape(got.get(name))]
    if wrong:
        name = wrong[0]
        text = f"expected {_shape(wanted.get(name))}, got {_shape(got.get(name))}"
        raise MigrationError([f"{len(wrong)} tensors do not fit the network, first {name!r}: {text}"])


def _shape(tensor: Tensor | None) -> list[int] | None:
    return None if tensor is None else list(tensor.shape)
