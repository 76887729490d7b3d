"""Weights without channel names: padded with zeros or cut off, as a last resort."""

import attrs
import pytest
import torch

from keisei_core.errors import MigrationError
from keisei_core.migration import migrate
from keisei_core.plugins import load_registry

SMALL = {"tower_depth": 1, "tower_width": 8}


def bare(laboratory, features: str = "core46", version: int | None = None, **options):
    """A snapshot that does not name its planes."""
    form = laboratory.form(features, **{**SMALL, **options})
    snapshot = laboratory.snapshot(form)
    changes = {"channels": None} | ({} if version is None else {"format": version})
    return attrs.evolve(snapshot, form=attrs.evolve(form, **changes))


@pytest.mark.parametrize(("old", "new"), [("core46", "core46+check"), ("core46+all", "core46"), ("core46", "core46")])
def test_first_planes_are_believed_to_be_the_same(laboratory, old: str, new: str) -> None:
    start, goal = bare(laboratory, old), laboratory.form(new, **SMALL)

    migration = migrate(start, goal, laboratory.networks, load_registry())

    assert [stage.name for stage in migration.stages] == ["positional"]
    before, after = start.weights["stem.0.0.weight"], migration.end.weights["stem.0.0.weight"]
    both = min(before.shape[1], after.shape[1])
    assert torch.equal(after[:, :both], before[:, :both])
    assert not after[:, both:].any()
    moment = migration.end.optimizer["stem.0.0.weight:exp_avg"]
    assert torch.equal(moment[:, :both], start.optimizer["stem.0.0.weight:exp_avg"][:, :both])
    assert not moment[:, both:].any()


def test_weights_alone_become_a_checkpoint_of_the_goal(laboratory) -> None:
    goal = laboratory.form("core46+check", **SMALL)

    migration = migrate(bare(laboratory, version=0), goal, laboratory.networks, load_registry())

    assert [stage.name for stage in migration.stages] == ["format", "positional"]
    assert "46 planes have no names" in migration.stages[1].notes[0]


def test_weights_of_another_size_are_refused_with_the_tensor(laboratory) -> None:
    goal = laboratory.form("core46+check", tower_depth=1, tower_width=16)

    start = bare(laboratory)
    start = attrs.evolve(start, form=attrs.evolve(start.form, options=goal.options))

    with pytest.raises(MigrationError, match=r"'stem\.0\.0\.weight' is \[8, 46, 3, 3\] in .*, expected \[16"):
        migrate(start, goal, laboratory.networks, load_registry())


def test_checkpoint_with_names_never_goes_by_position(laboratory) -> None:
    start, goal = laboratory.form(**SMALL), laboratory.form("core46+check", **SMALL)

    assert [stage.name for stage in laboratory.migrate(start, goal).stages] == ["planes"]
