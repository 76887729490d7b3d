"""What docs/plugins/migrators.md shows works as it stands there."""

import re
from pathlib import Path

import torch
from torch import nn

from keisei_core.checkpoint import FORMAT_VERSION
from keisei_core.migration import (
    INPUT,
    Form,
    MigrationContext,
    Networks,
    Refusal,
    Snapshot,
    Step,
    best_chain,
    form_of,
)
from keisei_core.migration.chain import loss_of
from keisei_core.plugins import Kind, load_registry
from keisei_core.testing import feature_set

PAGE = (Path(__file__).parents[2] / "docs" / "plugins" / "migrators.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_declaration_is_one_component() -> None:
    names: dict = {}
    exec(BLOCKS[0], names)

    (component,) = names["keisei_checkpoint_migrators"]()

    assert (component.name, component.options) == ("narrow", None)


def test_migrator_narrows_the_baseline() -> None:
    names: dict = {}
    exec(BLOCKS[1], names)
    registry, features = load_registry(), feature_set("core46")
    model = registry.resolve(Kind.MODEL, "baseline")
    channels = tuple(channel.name for channel in features.channels)
    start, goal = (form_of(model, {"channels": count}, channels, FORMAT_VERSION) for count in (5, 2))
    context = MigrationContext(goal=goal, networks=Networks(registry, {one.name: one for one in features.channels}))
    migrator = names["NarrowMigrator"](context)
    weights = context.networks.weights(start)

    (link,) = best_chain(start, goal, {"narrow": migrator})
    end = migrator.apply(Snapshot(form=start, weights=weights, optimizer={}, state={}), link.step).snapshot

    assert isinstance(link.step, Step)
    assert torch.equal(end.weights["trunk.0.weight"], weights["trunk.0.weight"][:2])
    assert torch.equal(end.weights["value.weight"], weights["value.weight"][:, : 2 * 81])
    assert migrator.offer(goal) is None
    assert not isinstance(migrator.offer(start), Refusal)


def test_migrator_of_renamed_channels_offers_the_new_names_and_drops_nothing() -> None:
    names: dict = {}
    exec(BLOCKS[1] + BLOCKS[2], names)
    old, goal = (
        Form(format=FORMAT_VERSION, model="a:net", options={}, channels=(f"{king}_near", f"{king}_far"))
        for king in ("king", "kings")
    )
    migrator = names["KingsByNewNames"](None)

    (link,) = best_chain(old, goal, {"renames": migrator})
    end = migrator.apply(Snapshot(form=old, weights={}, optimizer={}, state={}), link.step).snapshot

    assert end.form == goal
    assert loss_of(old, link.step) == 0
    assert migrator.offer(goal) is None


def test_layout_lays_out_a_tower() -> None:
    names: dict = {"nn": nn}
    exec(BLOCKS[3], names)
    parts = {"first": nn.Conv2d(16, 4, 3), "norm": nn.BatchNorm2d(4), "second": nn.Conv2d(4, 16, 3)}
    network = names["Net"]()
    network.stem, network.stem_norm = nn.Conv2d(46, 16, 3), nn.GroupNorm(2, 16)
    network.tower = nn.Sequential(nn.ModuleDict(parts))
    network.policy = nn.Linear(16 * 81, 2187)

    layout = network.layout()

    assert {name: channels.size for name, channels in layout.channels.items()} == {INPUT: 46, "tower": 16, "inner 0": 4}
    assert layout.channels["tower"].groups == ((8, 8),)
    assert layout.blocks.count == 1
