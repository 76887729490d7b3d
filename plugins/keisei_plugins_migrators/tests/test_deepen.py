"""More blocks change nothing until they learn, and they can learn."""

import pytest
import torch

from keisei_core.errors import MigrationError


@pytest.mark.parametrize("norm_widths", [(), (8, 8)])
@pytest.mark.parametrize("se_ratio", [0.0, 0.25])
@pytest.mark.parametrize(("old", "new"), [(1, 2), (2, 5)])
def test_deeper_resnet_keeps_its_function(
    laboratory, old: int, new: int, se_ratio: float, norm_widths: tuple[int, ...]
) -> None:
    start, goal = (
        laboratory.form(tower_depth=depth, tower_width=16, se_ratio=se_ratio, norm_widths=list(norm_widths))
        for depth in (old, new)
    )

    migration = laboratory.migrate(start, goal)

    assert [stage.name for stage in migration.stages] == ["deepen"]
    assert laboratory.error(migration) < 1e-5
    assert {change.old_shape for change in migration.changes} == {None}


def test_block_that_is_not_silent_is_noticed(laboratory) -> None:
    start, goal = (laboratory.form(tower_depth=depth, tower_width=8) for depth in (1, 2))
    migration = laboratory.migrate(start, goal)
    migration.end.weights["tower.1.second.1.weight"] += 1

    assert laboratory.error(migration) > 1e-3


@pytest.mark.parametrize("se_ratio", [0.0, 0.25])
def test_new_block_learns_with_all_its_parameters(laboratory, se_ratio: float) -> None:
    start, goal = (laboratory.form(tower_depth=depth, tower_width=8, se_ratio=se_ratio) for depth in (1, 2))
    end = laboratory.migrate(start, goal).end
    network = laboratory.network(goal, end.weights)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    planes = torch.stack([laboratory.planes[name] for name in goal.channels], dim=1)

    for _ in range(3):
        optimizer.zero_grad()
        logits, value = network(planes)
        (logits.softmax(1)[:, 0].sum() + value.square().sum()).backward()
        optimizer.step()

    still = [name for name, tensor in network.state_dict().items() if torch.equal(tensor, end.weights[name])]
    assert not [name for name in still if name.startswith("tower.1.")]


def test_new_blocks_have_no_moments_so_that_adam_starts_them_afresh(laboratory) -> None:
    start, goal = (laboratory.form(tower_depth=depth, tower_width=8) for depth in (1, 2))

    end = laboratory.migrate(start, goal).end

    assert not [key for key in end.optimizer if key.startswith("tower.1.")]
    assert [key for key in end.optimizer if key.startswith("tower.0.")]


def test_fewer_blocks_are_refused(laboratory) -> None:
    start, goal = (laboratory.form(tower_depth=depth, tower_width=8) for depth in (3, 2))

    with pytest.raises(MigrationError, match=r"tower_depth 3 -> 2 would cut off .*; keep at least 3"):
        laboratory.migrate(start, goal)


def test_everything_at_once_is_the_shortest_chain(laboratory) -> None:
    start = laboratory.form("core46+check", tower_depth=1, tower_width=16)
    goal = laboratory.form("core46+last2ply", tower_depth=3, tower_width=32, se_ratio=0.5)

    migration = laboratory.migrate(start, goal)

    assert sorted(stage.name for stage in migration.stages) == ["deepen", "planes", "widen"]
    assert laboratory.error(migration) < 1e-5


@pytest.mark.parametrize("whole_board", [{"pool_every": 2}, {"attention_blocks": 1}])
def test_deeper_network_that_sees_the_whole_board_keeps_its_function(laboratory, whole_board: dict[str, int]) -> None:
    start, goal = (laboratory.form(tower_depth=depth, tower_width=16, **whole_board) for depth in (2, 4))

    assert laboratory.error(laboratory.migrate(start, goal)) < 1e-5
