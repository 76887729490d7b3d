"""What this migrator offers, and what it leaves alone."""

import pytest
from keisei_core.migration import Form, MigrationContext, Networks, Step
from keisei_core.observe import Channel
from keisei_core.plugins import load_registry

from keisei_plugins_myname.migrator import MynameMigrator

NETWORKS = Networks(load_registry(), {"pawns": Channel("pawns")})


def form(model: str = "keisei-plugins-resnet:resnet", **options: object) -> Form:
    options = {"tower_depth": 3, "tower_width": 16, "se_ratio": 0.25} | options
    return Form(format=1, model=model, options=options, channels=("pawns",))


def migrator(goal: Form) -> MynameMigrator:
    return MynameMigrator(MigrationContext(goal=goal, networks=NETWORKS))


def test_blocks_that_are_too_many_are_cut_off() -> None:
    step = migrator(form(tower_depth=1)).offer(form())

    assert isinstance(step, Step)
    assert (step.to, step.cost) == (form(tower_depth=1), 20)


@pytest.mark.parametrize("depth", [3, 4])
def test_nothing_is_offered_where_no_block_has_to_go(depth: int) -> None:
    assert migrator(form(tower_depth=depth)).offer(form()) is None


def test_other_networks_are_left_alone() -> None:
    assert migrator(form(tower_depth=1)).offer(form(model="keisei-plugins-baseline:baseline")) is None
