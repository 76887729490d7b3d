"""A network that learns more than policy and value, and has a layer that nothing uses, in two real processes."""

import json

import pytest

FORESEES = """
from torch import nn

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_models():
    return [Component(name="foresees", target="foresees:Foresees", summary="learns what is played next")]


class Foresees(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.trunk = nn.Sequential(nn.Flatten(), nn.Linear(len(channels) * 81, 8), nn.Tanh())
        self.policy, self.value, self.next = nn.Linear(8, 2187), nn.Linear(8, 1), nn.Linear(8, 1)
        self.unused = nn.Linear(8, 8)

    def forward(self, planes):
        hidden = self.trunk(planes)
        outputs = self.policy(hidden), self.value(hidden).squeeze(1)
        return (*outputs, {"next": self.next(hidden).squeeze(1)}) if self.training else outputs

    def auxiliary_loss(self, extra, batch):
        is_known = batch.next_action >= 0
        error = (extra["next"] - batch.next_action / 2187).square() * is_known
        return error.sum() / is_known.sum().clamp(min=1), {"next_known": is_known.float().mean()}
"""


def run(group, config, tmp_path, *flags):
    path = config(3)
    path.write_text(path.read_text().replace('name = "baseline"\nchannels = 2', 'name = "foresees"'))
    (tmp_path / "foresees.py").write_text(FORESEES)
    process = group.keisei("run", path, "--plugin", "foresees.py", "--run-dir", "r", *flags, cwd=tmp_path)
    _, said = process.communicate(timeout=400)
    assert process.returncode == 0, said
    metrics = [json.loads(line) for line in (tmp_path / "r" / "metrics.jsonl").read_text().splitlines()]
    assert [0 < update["next_known"] <= 1 for update in metrics] == [True] * 3
    assert all(update["gradient_steps"] > 0 for update in metrics)
    return said


def test_two_processes_learn_further_outputs(group, config, tmp_path):
    assert "(2 processes" in run(group, config, tmp_path)


@pytest.mark.distributed
def test_two_processes_learn_further_outputs_of_a_compiled_network(group, config, tmp_path):
    assert "compilation    took " in run(group, config, tmp_path, "--set", "run.compile=true")
