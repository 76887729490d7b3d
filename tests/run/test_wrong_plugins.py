"""Deciders, algorithms and teachers that are wrong in the middle of a run: named with package and version, exit 3."""

from pathlib import Path
from typing import Any

import pytest

from keisei_core.checkpoint import read_checkpoint
from keisei_core.cli import main
from keisei_core.plugins.installed import installed_entries

HOOKS = """
from keisei_core import hookimpl
from keisei_core.plugins.components import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def {hook}():
    return [Component(name="wrong", target="{module}.thing:Wrong", summary="a wrong one")]
"""
DECIDER = """
import numpy as np
from keisei_core.decide import Decision, PolicyDecider


class Wrong(PolicyDecider):
    asked = 0

    def decide(self, games, evaluator, stream):
        decision = super().decide(games, evaluator, stream)
        Wrong.asked += 1
        if Wrong.asked <= 6:
            return decision
        {fault}
        return decision
"""
ILLEGAL = "decision.action[3] = int(np.flatnonzero(games.legal[3] == 0)[0])"
SHORT = "decision.columns['value'] = decision.columns['value'][:-1]"
NAN = "decision.columns['value'][2] = np.nan"
TEACHER = """
import numpy as np
from keisei_core.learn import MoveSets, Targets, Taught


class Wrong:
    columns = ()
    asked = 0

    def __init__(self, context):
        pass

    def weight(self, progress):
        return 1.0

    def teach(self, segment, rows, random):
        Wrong.asked += 1
        weight = np.ones(len(rows), np.float32)
        if Wrong.asked == 1:
            return Taught()
        return Taught(plies={fault})
"""
ILLEGAL_TARGETS = "Targets(weight=weight, policy=MoveSets.of(np.ones((len(rows), 2187))))"
NAN_TARGETS = "Targets(weight=weight, value=np.full(len(rows), np.nan, np.float32))"
ALGORITHM = """
import numpy as np
from keisei_core.decide import Column


class Wrong:
    columns = (Column("visits", np.int16, (8,)), Column("value", np.float64))

    def __init__(self, context):
        pass
"""
CONFIG = """
run = { plies = 96, threads = 1, device = "cpu" }
model = { name = "baseline", channels = 1 }
selfplay = { games = 4, rollout_plies = 4, max_plies = 20 }
learning = { minibatch = 8 }
evaluation = { every_updates = 0, final_games = 2, max_plies = 10 }
checkpoint = { every_updates = 1 }
"""


@pytest.fixture
def keisei(workshop: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the tiny config with a wrong plugin; returns (exit code, stderr)."""
    installed = installed_entries()
    monkeypatch.setattr("keisei_core.plugins.loader.installed_entries", lambda: [*installed, *workshop.entries()])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny.toml").write_text(CONFIG)

    def run(hook: str, thing: str, *changes: str) -> tuple[int, str]:
        distribution = {"distribution": "keisei-plugins-wrong", "entry": "wrong", "version": "3.2.1"}
        workshop.plugin(HOOKS.replace("{hook}", hook), files={"thing": thing}, **distribution)
        code = main(["run", "tiny.toml", "--run-dir", "r", *(word for each in changes for word in ("--set", each))])
        return code, capsys.readouterr().err

    return run


def last_update() -> int:
    """The last checkpoint's, which is whole."""
    (*_, newest) = sorted(Path("r/checkpoints").iterdir())
    update: int = read_checkpoint(newest).state["counters"]["update"]
    return update


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        pytest.param(ILLEGAL, "must return legal actions, got ", id="illegal-action"),
        pytest.param(SHORT, "must return the column value, float32 [4], got float32 [3]", id="short-column"),
    ],
)
def test_wrong_decision_ends_the_run_with_3_names_the_package_and_loses_nothing(keisei, fault, told):
    code, err = keisei("keisei_deciders", DECIDER.replace("{fault}", fault), "decider.name=wrong")

    assert code == 3
    assert f"decider 'wrong' of keisei-plugins-wrong 3.2.1 {told}" in err
    assert "Traceback" not in err
    assert last_update() == 1


def test_nan_of_a_decider_ends_the_run_with_5_and_loses_nothing(keisei):
    code, err = keisei("keisei_deciders", DECIDER.replace("{fault}", NAN), "decider.name=wrong")

    assert code == 5
    assert "expected finite outputs of the network in self-play, got nan or inf in value of the decider" in err
    assert last_update() == 1


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        pytest.param(ILLEGAL_TARGETS, "must give sets of legal moves, got an illegal one", id="illegal"),
        pytest.param(NAN_TARGETS, "must give values that are finite, got nan or inf", id="nan"),
    ],
)
def test_wrong_targets_end_the_run_with_3_name_the_package_and_lose_nothing(keisei, fault, told):
    code, err = keisei("keisei_teachers", TEACHER.replace("{fault}", fault), 'teaching.teachers=["wrong"]')

    assert code == 3
    assert f"teacher 'wrong' of keisei-plugins-wrong 3.2.1 {told}" in err
    assert "Traceback" not in err
    assert last_update() == 1


def test_column_that_nobody_gives_is_told_with_the_package_before_anything_is_played(keisei):
    code, err = keisei("keisei_algorithms", ALGORITHM, "algorithm.name=wrong")

    asks = "algorithm 'wrong' of keisei-plugins-wrong 3.2.1 asks for the column "
    gives = "the decider gives log_prob float32 [], value float32 [] ('policy' of keisei "
    assert code == 3
    assert f"{asks}visits int16 [8], {gives}" in err
    assert f"{asks}value float64 [], {gives}" in err
    assert "Traceback" not in err
