"""Deciders, algorithms and teachers that are wrong in the middle of a run: named with package and version, exit 3."""

from pathlib import Path
from typing import Any

import pytest

from keisei_core.checkpoint import read_checkpoint
from keisei_core.cli import main
from keisei_core.plugins.installed import installed_entries

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

    def learn(self, segment, progress, stop):
        raise NotImplementedError

    def state(self):
        return {}, {}

    def load_state(self, arrays, data):
        pass
"""
MODEL = """
import torch
from torch import nn


class Wrong(nn.Module):
    \"\"\"Goes wrong in the second update, at the end of the first where `asked` counts what is learned.\"\"\"

    asked = 0

    def __init__(self, channels):
        super().__init__()
        self.policy, self.value = nn.Conv2d(len(channels), 27, 1), nn.Linear(len(channels), 1)

    def forward(self, planes):
        logits = self.policy(planes).flatten(1)
        value = torch.tanh(self.value(planes.mean(dim=(2, 3)))).squeeze(1)
        if len(planes) == 4 and not self.training:  # games of the run
            Wrong.asked += 1
        if Wrong.asked > 6:
            {fault}
        return logits, value
"""
WRONG_MODELS = {
    "value-without-batch": (
        "value = value.mean()",
        3,
        "forward must return logits, floats [4, 2187], and value, floats",
    ),
    "value-of-one-column": ("value = value[:, None]", 3, "got float32 [4, 2187] and float32 [4, 1]"),
    "planes-of-logits": ("logits = logits.view(-1, 27, 81)", 3, "got float32 [4, 27, 81] and float32 [4]"),
    "dict": (
        "return {'logits': logits}",
        3,
        "forward must return (logits, value) or (logits, value, extra), got {logits: ",
    ),
    "huge-value": ("value = value + 8", 3, "value must be the expected result, about -1 to 1, got "),
    "nan-value": (
        "value = value * float('nan')",
        5,
        "expected finite outputs of the network in play, got nan or inf in value",
    ),
    "nan-logits": (
        "logits = logits * float('nan')",
        5,
        "expected finite outputs of the network in play, got nan or inf in logits",
    ),
}
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
        workshop.wrong(hook, thing)
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


def test_nan_of_a_decider_where_the_network_is_finite_ends_the_run_with_3_names_it_and_loses_nothing(keisei):
    code, err = keisei("keisei_deciders", DECIDER.replace("{fault}", NAN), "decider.name=wrong")

    told = "must give finite numbers, got nan or inf in value where the network's outputs are finite"
    assert code == 3
    assert f"decider 'wrong' of keisei-plugins-wrong 3.2.1 {told}" in err
    assert last_update() == 1


@pytest.mark.parametrize("name", WRONG_MODELS)
def test_network_that_goes_wrong_ends_the_run_with_its_package_named_and_loses_nothing(keisei, name):
    fault, exit_code, told = WRONG_MODELS[name]

    code, err = keisei("keisei_models", MODEL.replace("{fault}", fault), "model={ name = 'wrong' }")

    assert code == exit_code, err
    assert told in err
    assert "model 'wrong' of keisei-plugins-wrong 3.2.1" in err
    assert "Traceback" not in err
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
