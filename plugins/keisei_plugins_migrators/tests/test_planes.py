"""Any planes to any others: the function stays, but for what dropped planes said; moments travel with their planes."""

from itertools import combinations

import pytest
import torch

from keisei_core.errors import MigrationError

OPTIONAL = ("check", "repetition", "prom_zone", "last2ply", "hand_onehot")
SUBSETS = ["+".join(("core46", *chosen)) for count in range(6) for chosen in combinations(OPTIONAL, count)]
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
    assert "keep [model] name = 'baseline', or train a resnet from the start with `keisei run`" in text
