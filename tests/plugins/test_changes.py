"""In what the runs of two configs differ."""

from pathlib import Path
from typing import Any

from keisei_core.plugins.changes import another_run, changes


def test_every_key_that_makes_another_run_is_told_with_both_values(tiny: Any) -> None:
    found = changes(tiny(), tiny(run__plies=1024, model__tower_depth=2))

    assert found == ["model.tower_depth 1 -> 2", "run.plies 512 -> 1024"]
    told = "r: a run keeps its config, this would be another one (model.tower_depth 1 -> 2; run.plies 512 -> 1024)"
    assert str(another_run(Path("r"), found, "keisei run")) == f"{told}; type: keisei run"


def test_how_processes_come_together_makes_no_other_run(tiny: Any) -> None:
    assert changes(tiny(), tiny(distribution__name="ddp", distribution__processes=2)) == []
