"""Any planes to any others: the function stays, but for what dropped planes said; moments travel with their planes."""

from itertools import combinations

import attrs
import pytest
import torch

from keisei_core.errors import MigrationError
from keisei_core.migration import migrate
from keisei_core.plugins import load_registry

OPTIONAL = ("check", "repetition", "prom_zone", "last2ply", "hand_onehot")
SUBSETS = ["+".join(("core46", *chosen)) for count in range(6) for chosen in combinations(OPTIONAL, count)]
REGISTRY = load_registry()
SMALL = {"tower_depth": 1, "tower_width": 8}


def test_there_are_32_subsets() -> None:
    assert len(set(SUBSETS)) == 32


@pytest.mark.parametrize("start", SUBSETS)
def test_every_subset_to_every_other_keeps_the_function(laboratory, start: str) -> None:
    snapshot_form = laboratory.form(start, **SMALL)
    for goal in SUBSETS:
        migration = laboratory.migrate(snapshot_form, laboratory.form(goal, **SMALL))

        assert [stage.name for stage in migration.stages] == (["planes"] if goal != start else [])
        assert laboratory.error(migration) < 1e-5, f"{start} to {goal}"


def test_dropped_plane_mattered_so_the_test_can_fail(laboratory) -> None:
    migration = laboratory.migrate(laboratory.form("core46+prom_zone", **SMALL), laboratory.form("core46", **SMALL))
    old, new = migration.start, migration.end

    seeing, blind = laboratory.outputs(old.form, old.weights)[0], laboratory.outputs(new.form, new.weights)[0]

    assert (seeing - blind).abs().max() > 0.01


def test_weights_and_moments_go_with_the_name_and_not_with_the_position(laboratory) -> None:
    start = laboratory.form("core46+check+last2ply", **SMALL)
    goal = laboratory.form("hand_onehot+last2ply+core46", **SMALL)
    migration = laboratory.migrate(start, goal)

    for tensors in (
        {"weight": (migration.start.weights, migration.end.weights, "stem.0.0.weight")},
        {"mean": (migration.start.optimizer, migration.end.optimizer, "stem.0.0.weight:exp_avg")},
        {"square": (migration.start.optimizer, migration.end.optimizer, "value.counts.weight:exp_avg_sq")},
    ):
        for before, after, name in tensors.values():
            for index, channel in enumerate(goal.channels):
                if channel in start.channels:
                    assert torch.equal(after[name][:, index], before[name][:, start.channels.index(channel)])
                else:
                    assert not after[name][:, index].any()


def test_state_of_any_shape_stays_with_what_stays_and_is_given_up_whole_where_the_planes_change(laboratory) -> None:
    start, goal = laboratory.form(**SMALL), laboratory.form("core46+all", **SMALL)
    snapshot, name, other = laboratory.snapshot(start), "stem.0.0.weight", "tower.0.first.0.weight"
    own = {f"{name}:rows": torch.ones(8), f"{name}:=count": torch.tensor(7), f"{other}:rows": torch.ones(8)}
    snapshot = attrs.evolve(snapshot, optimizer={**snapshot.optimizer, **own})

    migration = migrate(snapshot, goal, laboratory.networks, REGISTRY)

    assert not [key for key in migration.end.optimizer if key.startswith(f"{name}:")]
    assert torch.equal(migration.end.optimizer[f"{other}:rows"], torch.ones(8))
    assert f"{other}:exp_avg" in migration.end.optimizer
    assert migration.stages[0].notes == (f"the optimiser begins anew with {name}, whose state is for the old shape",)


def test_plain_numbers_go_along_with_moments(laboratory) -> None:
    start, goal = laboratory.form(**SMALL), laboratory.form("core46+all", **SMALL)
    snapshot, name = laboratory.snapshot(start), "stem.0.0.weight"
    snapshot = attrs.evolve(snapshot, optimizer={**snapshot.optimizer, f"{name}:=count": torch.tensor(7)})

    migration = migrate(snapshot, goal, laboratory.networks, REGISTRY)

    assert migration.end.optimizer[f"{name}:=count"] == 7
    assert migration.end.optimizer[f"{name}:exp_avg"].shape == migration.end.weights[name].shape
    assert migration.stages[0].notes == ()


def test_step_counts_and_everything_else_stay(laboratory) -> None:
    migration = laboratory.migrate(laboratory.form(**SMALL), laboratory.form("core46+all", **SMALL))

    assert migration.end.optimizer.keys() == migration.start.optimizer.keys()
    assert migration.end.optimizer["stem.0.0.weight:step"] == 7
    changed = {change.name for change in migration.changes}
    assert changed == {"stem.0.0.weight", "value.counts.weight"}
    for name in migration.start.weights.keys() - changed:
        assert torch.equal(migration.end.weights[name], migration.start.weights[name])


def test_report_counts_what_is_kept_new_and_lost(laboratory) -> None:
    start, goal = laboratory.form("core46+check", **SMALL), laboratory.form("core46+last2ply", **SMALL)

    stem = laboratory.migrate(start, goal).changes[0]

    assert (stem.old_shape, stem.new_shape) == ((8, 47, 3, 3), (8, 50, 3, 3))
    assert (stem.kept, stem.new, stem.lost) == (8 * 46 * 9, 8 * 4 * 9, 8 * 9)


def test_planes_in_another_order_lose_nothing(laboratory) -> None:
    start, goal = laboratory.form("core46+check", **SMALL), laboratory.form("check+core46", **SMALL)

    migration = laboratory.migrate(start, goal)

    assert laboratory.error(migration) < 1e-5
    assert [(change.new, change.lost) for change in migration.changes] == [(0, 0), (0, 0)]


@pytest.mark.parametrize("goal", ["core46+all", "check"])
def test_baseline_too(laboratory, goal: str) -> None:
    options = {"model": "baseline", "channels": 3}

    migration = laboratory.migrate(laboratory.form("core46+check", **options), laboratory.form(goal, **options))

    assert laboratory.error(migration) < 1e-5


def test_baseline_into_resnet_is_refused_with_what_can_be_done(laboratory) -> None:
    with pytest.raises(MigrationError) as refused:
        laboratory.migrate(laboratory.form(model="baseline"), laboratory.form("core46+check"))

    text = str(refused.value)
    assert "model baseline -> resnet: no installed migrator does that" in text
    assert 'it can be taught: train the resnet by `keisei run` with [teaching] teachers = ["distill"]' in text
    assert '[teaching.distill] network = "PATH", the old run or checkpoint; or keep [model] name = "baseline"' in text
