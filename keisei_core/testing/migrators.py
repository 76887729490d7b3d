"""What is asked of a checkpoint migrator."""

from collections.abc import Mapping
from typing import Final

import attrs
import torch
from torch import Tensor

from keisei_core.errors import KeiseiError
from keisei_core.migration import Refusal, Snapshot, Step, fidelity
from keisei_core.testing.check import Check
from keisei_core.testing.contract_error import ContractError, ask_only_if, require
from keisei_core.testing.trial import MOMENTS, MigratorUnderTest

TOLERANCE: Final = 1e-4
"""Of outputs that should be equal, relative to the largest logit: sums are taken in another order."""
UNKNOWN_MODEL: Final = "keisei-plugins-nowhere:nothing"
UNKNOWN_FORMAT: Final = 999


def check_edges_are_offered(under_test: MigratorUnderTest) -> None:
    """Every declared edge has a step that changes something, with its cost and one line that says what it does."""
    require(bool(under_test.edges.offered), "edges must name at least one that is offered")
    for start, goal in under_test.edges.offered:
        form = under_test.form(start)
        offer = under_test.migrator(goal).offer(form)
        if not isinstance(offer, Step):
            raise ContractError(f"offer must be a Step from {start} to {goal}, got {offer!r}")
        require(offer.to != form, f"a step must change the form, got {offer!r}")
        require(type(offer.cost) is int and offer.cost >= 1, f"cost must be a whole number from 1, got {offer.cost!r}")
        require(_is_line(offer.summary), f"summary must be one line, got {offer.summary!r}")


def check_refusals_say_why(under_test: MigratorUnderTest) -> None:
    """What is declared as refused is, with one line that says why."""
    ask_only_if(bool(under_test.edges.refused), "nothing declared as refused")
    for start, goal in under_test.edges.refused:
        offer = under_test.migrator(goal).offer(under_test.form(start))
        if not isinstance(offer, Refusal):
            raise ContractError(f"offer must be a Refusal from {start} to {goal}, got {offer!r}")
        require(_is_line(offer.reason), f"reason must be one line, got {offer.reason!r}")


def check_nothing_is_offered_at_the_goal(under_test: MigratorUnderTest) -> None:
    """A checkpoint that is what it should be is left as it is."""
    for _, goal in under_test.edges.offered:
        offer = under_test.migrator(goal).offer(under_test.form(goal))
        require(offer is None, f"offer must be None for a checkpoint of the goal's form, got {offer!r}")


def check_strange_forms_are_declined(under_test: MigratorUnderTest) -> None:
    """A network that is not installed, or a format of the future, is nothing to offer a step for, nor to raise at."""
    for _, goal in under_test.edges.offered:
        form, migrator = under_test.form(goal), under_test.migrator(goal)
        for strange in (attrs.evolve(form, model=UNKNOWN_MODEL), attrs.evolve(form, format=UNKNOWN_FORMAT)):
            try:
                offer = migrator.offer(strange)
            except Exception as error:
                raise ContractError(
                    f"offer must decline {strange.model}, format {strange.format}: {error!r}"
                ) from error
            declined = offer is None or isinstance(offer, Refusal)
            require(declined, f"offer must decline {strange.model}, format {strange.format}, got {offer!r}")


def check_step_gives_what_it_promised(under_test: MigratorUnderTest) -> None:
    """The snapshot is of the promised form, and its tensors are those of that form's network."""
    for trial, _, migrated in under_test.taken():
        got, promised = migrated.snapshot, trial.step.to
        require(got.form == promised, f"{trial}: the snapshot must be of {promised}, got {got.form}")
        wanted = _shapes(under_test.fresh(promised, under_test.features_after(trial)))
        found = _shapes(got.weights)
        different = sorted(name for name in {*wanted, *found} if wanted.get(name) != found.get(name))
        told = {name: (wanted.get(name), found.get(name)) for name in different}
        require(not told, f"{trial}: weights must be those of the network, expected and got differ: {told}")


def check_function_is_kept(under_test: MigratorUnderTest) -> None:
    """A step of cost 1 changes nothing that the network says, but for what dropped planes had told it."""
    for trial, snapshot, migrated in under_test.taken():
        if trial.step.cost > 1:
            continue
        planes = trial.start.features, under_test.features_after(trial)
        before, after = (under_test.find_features(one) for one in planes)
        original = under_test.network(snapshot.form, snapshot.weights, before)
        network = under_test.network(trial.step.to, migrated.snapshot.weights, after)
        distance = fidelity(original, before, network, after, trial.step.renamed)
        largest = max(distance.logits, distance.value) / max(distance.largest_logit, 1.0)
        told = f"{trial}: a step of cost 1 must keep what the network says, outputs differ by {largest:.2g}"
        require(largest <= TOLERANCE, told)


def check_moments_follow_their_weights(under_test: MigratorUnderTest) -> None:
    """Every moment has its parameter's shape, and those of a tensor that did not change did not change either."""
    for trial, snapshot, migrated in under_test.taken():
        weights, optimizer = migrated.snapshot.weights, migrated.snapshot.optimizer
        for key, tensor in optimizer.items():
            name, _, entry = key.rpartition(":")
            require(name in weights, f"{trial}: the optimiser keeps {key!r}, but the network has no such parameter")
            if entry in MOMENTS:
                shapes = list(tensor.shape), list(weights[name].shape)
                require(shapes[0] == shapes[1], f"{trial}: {key!r} must have the shape {shapes[1]}, got {shapes[0]}")
                if _same(snapshot.weights.get(name), weights[name]):
                    kept = _same(snapshot.optimizer[key], tensor)
                    require(kept, f"{trial}: {name!r} did not change, so {key!r} must not either")


def check_same_step_gives_the_same(under_test: MigratorUnderTest) -> None:
    """Migrating twice gives the same checkpoint."""
    for (trial, _, one), (_, _, other) in zip(under_test.taken(), under_test.taken(), strict=True):
        different = _differences(one.snapshot, other.snapshot)
        require(not different, f"{trial}: taken twice, a step must give the same, {different} differ")


def check_input_is_left_alone(under_test: MigratorUnderTest) -> None:
    """The checkpoint that a step is taken from is as it was."""
    for trial in under_test.steps:
        snapshot = under_test.snapshot(trial.start)
        trial.migrator.apply(snapshot, trial.step)
        different = _differences(snapshot, under_test.snapshot(trial.start))
        require(not different, f"{trial}: apply must not change its snapshot, it changed {different}")


def check_other_files_are_kept(under_test: MigratorUnderTest) -> None:
    """Counters, games and random streams go along, as long as the format is the same."""
    for trial, snapshot, migrated in under_test.taken():
        if trial.step.to.format == snapshot.form.format:
            same = migrated.snapshot.state == snapshot.state and migrated.snapshot.rest == snapshot.rest
            require(same, f"{trial}: state and other files must be kept, got {migrated.snapshot.state}")


def check_damaged_weights_are_not_made_up(under_test: MigratorUnderTest) -> None:
    """A tensor that is not what its form says is refused with a KeiseiError, or handed on as it is."""
    for trial in under_test.steps:
        for name in under_test.snapshot(trial.start).weights:
            snapshot = under_test.snapshot(trial.start)
            damaged = snapshot.weights | {name: torch.zeros(5, 3, 1, 2, 1)}
            try:
                migrated = trial.migrator.apply(attrs.evolve(snapshot, weights=damaged), trial.step)
            except KeiseiError:
                continue
            except Exception as error:
                raise ContractError(f"{trial}: {name!r} of another shape must be refused by a KeiseiError") from error
            handed_on = _same(migrated.snapshot.weights.get(name), damaged[name])
            require(handed_on, f"{trial}: {name!r} of another shape must be refused, it became another tensor")


MIGRATOR_CHECKS: Final[tuple[Check, ...]] = (
    check_edges_are_offered,
    check_refusals_say_why,
    check_nothing_is_offered_at_the_goal,
    check_strange_forms_are_declined,
    check_step_gives_what_it_promised,
    check_function_is_kept,
    check_moments_follow_their_weights,
    check_same_step_gives_the_same,
    check_input_is_left_alone,
    check_other_files_are_kept,
    check_damaged_weights_are_not_made_up,
)


def _shapes(tensors: Mapping[str, Tensor]) -> dict[str, list[int]]:
    return {name: list(tensor.shape) for name, tensor in tensors.items()}


def _same(one: Tensor | None, other: Tensor | None) -> bool:
    return one is not None and other is not None and one.shape == other.shape and torch.equal(one, other)


def _differences(one: Snapshot, other: Snapshot) -> list[str]:
    """Names what differs between two snapshots."""
    found = [name for name in ("form", "state", "rest") if getattr(one, name) != getattr(other, name)]
    for tensors, others in ((one.weights, other.weights), (one.optimizer, other.optimizer)):
        found += [name for name in {*tensors, *others} if not _same(tensors.get(name), others.get(name))]
    return sorted(found)


def _is_line(text: object) -> bool:
    return isinstance(text, str) and bool(text.strip()) and "\n" not in text
