"""The second version of a planes plugin calls its channels otherwise: weights stay, moments too, and it is measured."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from keisei_core.checkpoint import read_checkpoint
from keisei_core.cli import main

PLANES = """
import attrs

from keisei_core import hookimpl
from keisei_core.migration import Migrated, Step
from keisei_core.observe import Channel
from keisei_core.plugins import Component
from keisei_core.shogi import OPPONENT

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_feature_planes():
    return [
        Component(name="sides1", target="sides:Old", summary="pieces of both sides, as they were called first"),
        Component(name="sides", target="sides:New", summary="pieces of both sides"),
    ]


class Old:
    channels = (Channel("first_mine"), Channel("first_theirs"))

    def __init__(self, context):
        pass

    def encode(self, positions, planes):
        board = positions.board.reshape(-1, 9, 9)
        planes[:, 0] = (board > 0) & (board <= OPPONENT)
        planes[:, 1] = board > OPPONENT


class New(Old):
    channels = (Channel("sides_mine"), Channel("sides_theirs"))
"""
MIGRATOR = """

RENAMED = {"first_mine": "sides_mine", "first_theirs": "sides_theirs"}


@hookimpl
def keisei_checkpoint_migrators():
    return [Component(name="sides1to2", target="sides:Renames", summary="channels of sides1 to those of sides")]


class Renames:
    def __init__(self, context):
        pass

    def offer(self, form):
        if form.channels is None or not set(RENAMED) <= set(form.channels):
            return None
        to = attrs.evolve(form, channels=tuple(RENAMED.get(name, name) for name in form.channels))
        return Step(to=to, cost=1, summary="sides1 is called sides", renamed={renamed})

    def apply(self, snapshot, step):
        return Migrated(snapshot=attrs.evolve(snapshot, form=step.to))
"""
CLASHING = """

@hookimpl
def keisei_checkpoint_migrators():
    names = ("planes", "format", "widen")
    return [Component(name=name, target="sides:Idle", summary="offers nothing") for name in names]


class Idle:
    def __init__(self, context):
        pass

    def offer(self, form):
        return None
"""
CONFIG = """
run = { plies = 64, threads = 1, device = "cpu" }
input = { features = "{features}" }
model = { name = "baseline", channels = 4 }
selfplay = { games = 8, rollout_plies = 4, max_plies = 40 }
learning = { minibatch = 16 }
evaluation = { games = 2, final_games = 2, max_plies = 20 }
"""


@pytest.fixture
def migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Any:
    """Trains over the old planes, then migrates to the new ones with more source in the plugin's file."""
    monkeypatch.chdir(tmp_path)

    def migrate(more: str) -> tuple[int, dict[str, Any]]:
        Path("sides.py").write_text(PLANES + more)
        for name, features in (("old", "sides1"), ("new", "core46+sides")):
            Path(f"{name}.toml").write_text(CONFIG.replace("{features}", features))
        assert main(["run", "old.toml", "--plugin", "sides.py", "--run-dir", "old"]) == 0
        capsys.readouterr()
        words = ["migrate", "old", "--to", "new.toml", "--plugin", "sides.py", "--run-dir", "new", "--json"]
        code = main(words)
        out, err = capsys.readouterr()
        return code, {**(json.loads(out) if code == 0 else {}), "said": err}

    return migrate


def test_renamed_channels_keep_weights_and_moments_while_others_are_added(migrated: Any) -> None:
    code, report = migrated(MIGRATOR.replace("{renamed}", "RENAMED"))

    assert code == 0, report
    assert [step["migrator"] for step in report["steps"]] == ["sides1to2", "planes"]
    assert [tensor["lost"] for tensor in report["tensors"]] == [0] * len(report["tensors"])
    assert report["fidelity"]["logits"] < 1e-5
    assert report["fidelity"]["logits_seeing"] < 1e-5
    old, new = (read_checkpoint(max(Path(run, "checkpoints").iterdir())) for run in ("old", "new"))
    for name, tensor in old.weights.items():
        own = new.weights[name]
        assert torch.equal(tensor, own if own.shape == tensor.shape else own[:, -2:])


def test_migrator_that_ends_the_process_is_told_where_others_lead_to_the_goal(migrated: Any) -> None:
    code, report = migrated(MIGRATOR.replace("pass", "raise SystemExit"))

    assert code == 0
    assert [step["migrator"] for step in report["steps"]] == ["planes"]
    assert "keisei: warning: migrator 'sides1to2' of sides.py" in report["said"]


def test_without_its_migrator_the_weights_are_lost_and_told_so(migrated: Any) -> None:
    code, report = migrated("")

    assert code == 0
    assert [step["migrator"] for step in report["steps"]] == ["planes"]
    assert sum(tensor["lost"] for tensor in report["tensors"]) > 0
    assert report["differences"][0].endswith("drop first_mine, first_theirs")


def test_migrators_called_like_bundled_ones_stand_beside_them(migrated: Any) -> None:
    code, report = migrated(CLASHING)

    assert code == 0, report
    assert [step["migrator"] for step in report["steps"]] == ["planes"]


def test_name_that_is_said_to_be_another_channels_is_refused(migrated: Any) -> None:
    crossed = '{"first_mine": "sides_theirs", "first_theirs": "sides_mine"}'

    code, report = migrated(MIGRATOR.replace("{renamed}", crossed))

    assert code == 4
    assert "does not keep its function" in report["said"]
    assert "a fault of the migrators sides1to2, planes" in report["said"]
