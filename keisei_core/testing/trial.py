"""A migrator under test: its samples turned into forms, snapshots and networks, and the steps that it offers."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

import attrs
import torch
from torch import Tensor

from keisei_core.config.structure import unstructure
from keisei_core.config.tables import ValueTable
from keisei_core.evaluate import ActorCritic
from keisei_core.migration import Form, Migrated, MigrationContext, Migrator, Networks, Snapshot, Step, form_of
from keisei_core.observe import FeatureSet
from keisei_core.plugins import Choice
from keisei_core.testing.sample import Edges, Sample
from keisei_core.testing.under_test import UnderTest

MOMENTS: Final = ("exp_avg", "exp_avg_sq")


@attrs.frozen(kw_only=True)
class MigratorUnderTest(UnderTest):
    """A migrator and the edges that its author declares."""

    make: Callable[[MigrationContext], Migrator]
    edges: Edges
    find_model: Callable[[str, Mapping[str, Any]], Choice]
    """Finds an installed network and gives it options."""
    find_features: Callable[[str], FeatureSet]
    """Builds installed planes."""
    networks: Networks

    def names(self, features: str) -> tuple[str, ...]:
        """Returns the channels of installed planes."""
        return tuple(channel.name for channel in self.find_features(features).channels)

    def form(self, sample: Sample) -> Form:
        """Returns a sample's form."""
        choice = self.find_model(sample.model, sample.options)
        options = {} if choice.options is None else unstructure(choice.options)
        names = tuple(sample.old_names.get(name, name) for name in self.names(sample.features))
        return form_of(choice, options, names if sample.names_channels else None, sample.format)

    def migrator(self, goal: Sample) -> Migrator:
        """Builds the migrator for a goal."""
        return self.make(MigrationContext(goal=self.form(goal), networks=self.networks))

    def snapshot(self, sample: Sample) -> Snapshot:
        """Makes a checkpoint with weights and moments that tell each number from every other; always the same."""
        stream = torch.Generator().manual_seed(0)
        weights = {
            name: tensor + 0.1 * torch.randn(tensor.shape, generator=stream) if tensor.is_floating_point() else tensor
            for name, tensor in self.fresh(self.form(sample), sample.features).items()
        }
        optimizer = {
            f"{name}:{moment}": torch.rand(tensor.shape, generator=stream)
            for name, tensor in weights.items()
            for moment in MOMENTS
        }
        optimizer |= {f"{name}:step": torch.tensor(7.0) for name in weights}
        form, state, rest = self.form(sample), dict(sample.state), dict(sample.rest)
        return Snapshot(form=form, weights=weights, optimizer=optimizer, state=state, rest=rest)

    def fresh(self, form: Form, features: str) -> dict[str, Tensor]:
        """Returns fresh weights of a form's network for these planes, which the form may not name."""
        return self.networks.weights(attrs.evolve(form, channels=self.names(features)))

    def features_after(self, trial: "Trial") -> str:
        """Returns the planes that a step leads to: those of the goal, or still those of the start."""
        return (
            trial.goal.features if trial.step.to.channels == self.names(trial.goal.features) else trial.start.features
        )

    @cached_property
    def steps(self) -> list["Trial"]:
        """The declared edges that are offered indeed; one check alone complains of those that are not."""
        found = []
        for start, goal in self.edges.offered:
            migrator = self.migrator(goal)
            offer = migrator.offer(self.form(start))
            if isinstance(offer, Step):
                found.append(Trial(start=start, goal=goal, migrator=migrator, step=offer))
        return found

    def taken(self) -> Iterator[tuple["Trial", Snapshot, Migrated]]:
        """Yields every step with a fresh snapshot and what came of it."""
        for trial in self.steps:
            snapshot = self.snapshot(trial.start)
            yield trial, snapshot, trial.migrator.apply(self.snapshot(trial.start), trial.step)

    def network(self, form: Form, weights: Mapping[str, Tensor], features: FeatureSet) -> ActorCritic:
        """Builds the network of a form with these weights."""
        choice = self.find_model(form.model, {})
        cls = choice.load_options_class()
        options = None if cls is None else cls(**dict(form.options))
        network = attrs.evolve(choice, options=options).build(features.channels)
        network.load_state_dict(weights)
        return ActorCritic(network, features.channels, ValueTable()).eval()


@attrs.frozen(eq=False, kw_only=True)
class Trial:
    """A step that is offered for an edge."""

    start: Sample
    goal: Sample
    migrator: Migrator
    step: Step

    def __str__(self) -> str:
        return self.step.summary
