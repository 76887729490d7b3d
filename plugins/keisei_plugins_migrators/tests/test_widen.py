"""More channels keep the function, whatever normalises them; what can't keep it is refused."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from keisei_core.errors import MigrationError
from keisei_core.migration import INPUT, Blocks, Channels, Form, Layout, LayoutDraft
from keisei_plugins_migrators.arrangement import arranged

SE_RATIOS = (0.0, 0.25, 1.0)
WIDTHS = [
    (8, 16, ()),  # 1 group of 8 -> 2 of 8
    (8, 24, ()),  # -> 3 of 8
    (16, 32, ()),  # 2 of 8 -> 4 of 8
    (17, 34, ()),  # 1 of 17 -> 2 of 17
    (32, 64, ()),  # 4 of 8 -> 4 of 16
    (32, 96, ()),
    (8, 9, (8, 1)),
    (16, 24, (16, 8)),
    (32, 47, (32, 15)),
]


@pytest.mark.parametrize("se_ratio", SE_RATIOS)
@pytest.mark.parametrize(("old", "new", "norm_widths"), WIDTHS)
def test_wider_resnet_keeps_its_function(
    laboratory, old: int, new: int, norm_widths: tuple[int, ...], se_ratio: float
) -> None:
    start = laboratory.form(tower_depth=2, tower_width=old, se_ratio=se_ratio)
    goal = laboratory.form(tower_depth=2, tower_width=new, se_ratio=se_ratio, norm_widths=list(norm_widths))

    migration = laboratory.migrate(start, goal)

    assert [stage.name for stage in migration.stages] == ["widen"]
    assert laboratory.error(migration) < 1e-5


@pytest.mark.parametrize(("new", "norm_widths"), [(32, []), (24, [16, 8])])
def test_wider_network_that_sees_the_whole_board_keeps_its_function(
    laboratory, new: int, norm_widths: list[int]
) -> None:
    whole_board = {"tower_depth": 1, "pool_every": 1, "attention_blocks": 1, "attention_heads": 2}
    start = laboratory.form(tower_width=16, **whole_board)
    goal = laboratory.form(tower_width=new, norm_widths=norm_widths, **whole_board)

    assert laboratory.error(laboratory.migrate(start, goal)) < 1e-5


def test_widened_twice_keeps_its_function(laboratory) -> None:
    forms = [
        laboratory.form(tower_depth=1, tower_width=sum(parts), norm_widths=parts)
        for parts in ([16], [16, 8], [16, 8, 5], [16, 8, 5, 3])
    ]
    for start, goal in pairwise(forms):
        assert laboratory.error(laboratory.migrate(start, goal)) < 1e-5


@pytest.mark.parametrize(("old", "new"), [(0.25, 0.5), (0.25, 1.0), (0.5, 0.51)])
def test_wider_bottleneck_alone_keeps_the_function(laboratory, old: float, new: float) -> None:
    start, goal = (laboratory.form(tower_depth=2, tower_width=16, se_ratio=ratio) for ratio in (old, new))

    assert laboratory.error(laboratory.migrate(start, goal)) < 1e-5


def test_wider_baseline_keeps_its_function(laboratory) -> None:
    start, goal = (laboratory.form(model="baseline", channels=channels) for channels in (3, 5))

    assert laboratory.error(laboratory.migrate(start, goal)) < 1e-5


def test_wrong_copy_is_noticed(laboratory) -> None:
    start = laboratory.form(tower_depth=1, tower_width=16)
    migration = laboratory.migrate(start, laboratory.form(tower_depth=1, tower_width=32))
    # The copies are there for the statistics alone: without one, the group's mean and variance are others.
    migration.end.weights["stem.0.0.weight"][16] = 0

    assert laboratory.error(migration) > 1e-3


def test_what_reads_a_new_channel_weighs_it_with_0_and_has_no_moments(laboratory) -> None:
    start = laboratory.form(tower_depth=1, tower_width=16)
    end = laboratory.migrate(start, laboratory.form(tower_depth=1, tower_width=32)).end

    old = laboratory.snapshot(start)
    for name in ("tower.0.first.0.weight", "policy.moves.weight", "tower.0.excitation.squeeze.weight"):
        assert not end.weights[name][:, 16:].any()
        assert not end.optimizer[f"{name}:exp_avg"][:, 16:].any()
    kept = end.optimizer["tower.0.second.0.weight:exp_avg_sq"][:16, :16]
    assert torch.equal(kept, old.optimizer["tower.0.second.0.weight:exp_avg_sq"])
    assert not end.optimizer["tower.0.second.0.weight:exp_avg_sq"][16:].any()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            {"tower_width": 32},
            {"tower_width": 48},
            r"groups of 8 that .* can't become groups of 12 .*norm_widths = \[32, 16\]",
        ),
        (
            {"tower_width": 24, "norm_widths": [16, 8]},
            {"tower_width": 32},
            r"can't become groups of 32 .*; have .* apart by norm_widths = \[16, 8, 8\]",
        ),
        (
            {"tower_width": 32},
            {"tower_width": 16},
            "32 -> 16 channels would drop some that have learned; keep at least 32",
        ),
        ({"se_ratio": 0.5}, {"se_ratio": 0.25}, "16 -> 8 channels would drop some"),
        ({"se_ratio": 0.0}, {"se_ratio": 0.25}, r"built of other parts: tower\.0\.excitation\.excite"),
        ({"se_ratio": 0.25}, {"se_ratio": 0.0}, "built of other parts"),
        ({"tower_width": 32}, {"tower_width": 32, "norm_widths": [16, 16]}, "can't become groups of|statistics"),
    ],
)
def test_what_can_not_keep_the_function_is_refused(laboratory, old: dict, new: dict, reason: str) -> None:
    with pytest.raises(MigrationError, match=reason):
        laboratory.migrate(laboratory.form(**old), laboratory.form(**new))


class Toy(nn.Module):
    """A tower of one convolution that any normalisation may follow."""

    def __init__(self, num_inputs: int, width: int, norm: str, groups: int) -> None:
        super().__init__()
        norms = {
            "batch": lambda: nn.BatchNorm2d(width),
            "instance": lambda: nn.InstanceNorm2d(width, affine=True),
            "group": lambda: nn.GroupNorm(groups, width),
            "layer": lambda: nn.GroupNorm(1, width),
            "none": nn.Identity,
        }
        self.stem = nn.Conv2d(num_inputs, width, 3, padding=1)
        self.norm = norms[norm]()
        self.policy = nn.Linear(width * 81, 7)
        self.value = nn.Linear(width, 1)
        self.groups = {"group": (width // groups,) * groups, "layer": (width,)}.get(norm)

    def forward(self, planes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = torch.relu(self.norm(self.stem(planes)))
        return self.policy(features.flatten(1)), self.value(features.mean((2, 3)))

    def layout(self) -> Layout:
        draft = LayoutDraft(self)
        draft.layer("stem", reads=INPUT, writes="tower")
        if not isinstance(self.norm, nn.Identity):
            draft.norm("norm", "tower", groups=self.groups)
        draft.layer("policy", reads="tower", elements=81)
        draft.layer("value", reads="tower")
        return draft.finished()


@pytest.fixture(scope="module")
def toys(laboratory_of):
    def build(form: Form) -> nn.Module:
        return Toy(len(form.channels), **{key: form.option(key) for key in ("width", "norm", "groups")})

    return laboratory_of(build)


def toy(laboratory, width: int, norm: str, groups: int = 1) -> Form:
    channels = laboratory.form().channels
    options = {"width": width, "norm": norm, "groups": groups}
    return Form(format=laboratory.form().format, model="nobody:toy", options=options, channels=channels)


@pytest.mark.parametrize(
    ("norm", "old", "new"),
    [
        ("batch", (4, 1), (7, 1)),
        ("instance", (4, 1), (5, 1)),
        ("none", (4, 1), (5, 1)),
        ("layer", (4, 1), (12, 1)),
        ("group", (8, 2), (12, 3)),
        ("group", (8, 2), (16, 2)),
        ("group", (8, 2), (24, 3)),
    ],
)
def test_every_normalisation_can_be_widened(toys, norm: str, old: tuple[int, int], new: tuple[int, int]) -> None:
    migration = toys.migrate(toy(toys, old[0], norm, old[1]), toy(toys, new[0], norm, new[1]))

    assert toys.error(migration) < 1e-5


def test_running_statistics_of_old_channels_stay_and_new_ones_start_afresh(toys) -> None:
    migration = toys.migrate(toy(toys, 4, "batch"), toy(toys, 6, "batch"))

    before, after = migration.start.weights, migration.end.weights
    assert torch.equal(after["norm.running_mean"][:4], before["norm.running_mean"])
    assert after["norm.running_mean"][4:].tolist() == [0, 0]
    assert after["norm.running_var"][4:].tolist() == [1, 1]
    assert after["norm.num_batches_tracked"] == before["norm.num_batches_tracked"]


@pytest.mark.parametrize("new", [5, 6, 7])
def test_layer_norm_over_channels_that_are_no_multiple_is_refused(toys, new: int) -> None:
    with pytest.raises(MigrationError, match=f"groups of 4 .* can't become groups of {new}"):
        toys.migrate(toy(toys, 4, "layer"), toy(toys, new, "layer"))


@pytest.mark.parametrize(
    ("old", "new", "source"),
    [
        ((4, ()), (6, ()), (0, 1, 2, 3, None, None)),
        ((4, ((2, 2),)), (6, ((2, 2, 2),)), (0, 1, 2, 3, None, None)),
        ((4, ((2, 2),)), (8, ((4, 4),)), (0, 1, 0, 1, 2, 3, 2, 3)),
        ((4, ((2, 2), (4,))), (8, ((2, 2, 2, 2), (8,))), (0, 1, 2, 3, 0, 1, 2, 3)),
        ((4, ((2, 2), (4,))), (6, ((2, 2, 2), (6,))), None),
        ((4, ((2, 2),)), (6, ((3, 3),)), None),
        ((4, ((4,),)), (3, ((3,),)), None),
        ((4, ((4,),)), (4, ((2, 2),)), None),
        ((4, ((2, 2),)), (4, ((4,),)), None),
    ],
)
def test_channels_are_copied_so_that_groups_keep_their_statistics(old, new, source) -> None:
    wider = [Channels(size=size, groups=groups) for size, groups in (old, new)]

    assert arranged(*wider) == source


def test_blocks_are_not_appended_by_widening(laboratory) -> None:
    start = laboratory.form(tower_depth=1, tower_width=8)
    goal = laboratory.form(tower_depth=2, tower_width=16)

    stages = laboratory.migrate(start, goal).stages

    assert [stage.name for stage in stages] == ["widen", "deepen"]
    assert isinstance(laboratory.networks.blueprint(goal).layout.blocks, Blocks)
