"""The contract of migrators finds what is wrong on purpose, and nothing else."""

from typing import Any

import attrs
import pytest
import torch
from torch import Tensor

from keisei_core.migration import (
    INPUT,
    Form,
    Migrated,
    MigrationContext,
    Origin,
    Refusal,
    Snapshot,
    Step,
    Transplanted,
    transplant,
)
from keisei_core.testing import (
    MIGRATOR_CHECKS,
    MigratorContract,
    MigratorUnderTest,
    Outcome,
    Sample,
    failures,
    run_checks,
)


class Good:
    """Adds planes, by name; refuses to drop any."""

    def __init__(self, context: MigrationContext) -> None:
        self.goal = context.goal
        self.networks = context.networks

    def offer(self, form: Form) -> Step | Refusal | None:
        if form.format != self.goal.format or form.channels is None or form.channels == self.goal.channels:
            return None
        dropped = sorted({*form.channels} - {*(self.goal.channels or ())})
        complaint = self.networks.complaint(form) or (dropped and f"would drop {dropped}")
        to = attrs.evolve(form, channels=self.goal.channels)
        return Refusal(str(complaint)) if complaint else Step(to=to, cost=1, summary="more planes")

    def apply(self, snapshot: Snapshot, step: Step) -> Migrated:
        moved = self.moved(snapshot, step)
        after = attrs.evolve(snapshot, form=step.to, weights=moved.weights, optimizer=moved.optimizer)
        return Migrated(snapshot=after)

    def moved(self, snapshot: Snapshot, step: Step) -> Transplanted:
        old, new = snapshot.form.channels or (), step.to.channels or ()
        origin = Origin(tuple(old.index(name) if name in old else None for name in new))
        prints = self.networks.blueprint(snapshot.form), self.networks.blueprint(step.to)
        return transplant(snapshot.weights, snapshot.optimizer, old=prints[0], new=prints[1], origins={INPUT: origin})


class DoesHalf(Good):
    def offer(self, form: Form) -> Step | Refusal | None:
        offer = super().offer(form)
        return None if isinstance(offer, Step) and len(offer.to.channels or ()) > 100 else offer


class SaysNothing(Good):
    def offer(self, form: Form) -> Step | Refusal | None:
        offer = super().offer(form)
        return None if isinstance(offer, Refusal) and "drop" in offer.reason else offer


class NeverContent(Good):
    def offer(self, form: Form) -> Step | Refusal | None:
        if form == self.goal:
            return Step(to=attrs.evolve(form, channels=(form.channels or ())[::-1]), cost=1, summary="turn around")
        return super().offer(form)


class KnowsTwoModels(Good):
    def offer(self, form: Form) -> Step | Refusal | None:
        assert {"baseline": True, "resnet": True}[form.model_name]
        return super().offer(form)


class KeepsTheForm(Good):
    def apply(self, snapshot: Snapshot, step: Step) -> Migrated:
        migrated = super().apply(snapshot, step)
        return Migrated(snapshot=attrs.evolve(migrated.snapshot, form=snapshot.form))


class WeighsNewPlanes(Good):
    def moved(self, snapshot: Snapshot, step: Step) -> Transplanted:
        moved = super().moved(snapshot, step)
        fresh = self.networks.blueprint(step.to).weights
        weights = {name: torch.where(tensor == 0, fresh[name], tensor) for name, tensor in moved.weights.items()}
        return attrs.evolve(moved, weights=weights)


class ForgetsMoments(Good):
    def moved(self, snapshot: Snapshot, step: Step) -> Transplanted:
        return attrs.evolve(super().moved(snapshot, step), optimizer=snapshot.optimizer)


class DrawsMoments(Good):
    def moved(self, snapshot: Snapshot, step: Step) -> Transplanted:
        moved = super().moved(snapshot, step)
        optimizer = {
            key: torch.rand_like(tensor) if tensor.shape != snapshot.optimizer[key].shape else tensor
            for key, tensor in moved.optimizer.items()
        }
        return attrs.evolve(moved, optimizer=optimizer)


class StepsBack(Good):
    def moved(self, snapshot: Snapshot, step: Step) -> Transplanted:
        moved = super().moved(snapshot, step)
        for key, tensor in snapshot.optimizer.items():
            if key.endswith(":step"):
                tensor.zero_()
        return moved


class LosesGames(Good):
    def apply(self, snapshot: Snapshot, step: Step) -> Migrated:
        migrated = super().apply(snapshot, step)
        return Migrated(snapshot=attrs.evolve(migrated.snapshot, rest={}))


class MakesUpWeights(Good):
    def moved(self, snapshot: Snapshot, step: Step) -> Transplanted:
        expected = self.networks.blueprint(snapshot.form).weights
        weights: dict[str, Tensor] = {
            name: tensor if tensor.shape == expected[name].shape else expected[name]
            for name, tensor in snapshot.weights.items()
        }
        return super().moved(attrs.evolve(snapshot, weights=weights), step)


BROKEN: dict[str, type[Good]] = {
    "edges_are_offered": DoesHalf,
    "refusals_say_why": SaysNothing,
    "nothing_is_offered_at_the_goal": NeverContent,
    "strange_forms_are_declined": KnowsTwoModels,
    "step_gives_what_it_promised": KeepsTheForm,
    "function_is_kept": WeighsNewPlanes,
    "moments_follow_their_weights": ForgetsMoments,
    "same_step_gives_the_same": DrawsMoments,
    "input_is_left_alone": StepsBack,
    "other_files_are_kept": LosesGames,
    "damaged_weights_are_not_made_up": MakesUpWeights,
}


def sample(features: str, **more: Any) -> Sample:
    return Sample(model="baseline", options={"channels": 2}, features=features, **more)


def under_test(migrator: type[Good], *, refuses: bool = True) -> MigratorUnderTest:
    class Edges(MigratorContract):
        target = migrator
        offered = (
            (sample("core46", state={"counters": {"update": 3}}, rest={"rank-0.json": b"{}"}), sample("check+core46")),
            (sample("core46"), sample("core46+all")),
        )
        refused = ((sample("core46+check"), sample("core46")),) if refuses else ()

    return Edges.under_test()


def test_good_migrator_passes_every_check() -> None:
    found = run_checks(MIGRATOR_CHECKS, under_test(Good))

    assert [finding.outcome for finding in found] == [Outcome.PASSED] * 11


def test_every_check_has_a_migrator_that_breaks_it() -> None:
    assert [f"check_{name}" for name in BROKEN] == [check.__name__ for check in MIGRATOR_CHECKS]


@pytest.mark.parametrize("check", BROKEN)
def test_wrong_migrator_breaks_just_its_check(check: str) -> None:
    assert list(failures(MIGRATOR_CHECKS, under_test(BROKEN[check]))) == [check]


def test_migrator_that_refuses_nothing_is_not_asked() -> None:
    found = run_checks(MIGRATOR_CHECKS, under_test(Good, refuses=False))

    assert [finding.check for finding in found if finding.outcome is Outcome.NOT_ASKED] == ["refusals_say_why"]


def test_contract_without_an_edge_is_refused() -> None:
    class Nothing(MigratorContract):
        target = Good

    assert list(failures(MIGRATOR_CHECKS, Nothing.under_test())) == ["edges_are_offered"]


def test_migrator_that_renames_channels_passes() -> None:
    class Renames(Good):
        def offer(self, form: Form) -> Step | Refusal | None:
            names = tuple("ones" if name == "all_ones" else name for name in form.channels or ())
            to = attrs.evolve(form, channels=names)
            return Step(to=to, cost=1, summary="rename all_ones to ones") if to != form else None

        def apply(self, snapshot: Snapshot, step: Step) -> Migrated:
            return Migrated(snapshot=attrs.evolve(snapshot, form=step.to))

    class Edges(MigratorContract):
        target = Renames
        offered = ((sample("core46", old_names={"ones": "all_ones"}), sample("core46")),)

    assert failures(MIGRATOR_CHECKS, Edges.under_test()) == {}
